using System.Text;

namespace Dipnet.Worker.Hosting;

/// <summary>A finding as lines of a terminal. Pure.</summary>
internal static class FindingText
{
    private const int Indent = 19;

    /// <param name="finding">To show.</param>
    /// <param name="width">Columns; a word that is longer has a line of its own and sticks out.</param>
    public static IEnumerable<string> Lines(HostFinding finding, int width)
    {
        var line = new StringBuilder($"{(finding.Wrong ? "✗" : "✓")} {finding.Subject.PadRight(Indent - 3)}");
        var empty = true;
        foreach (var word in finding.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!empty && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear().Append(' ', Indent - 1);
            }

            line.Append(' ').Append(word);
            empty = false;
        }

        yield return line.ToString();
    }
}
