using System.Globalization;

namespace Dipnet.Worker.Language;

/// <summary>Says how far a run is: on a terminal one line that is written over, elsewhere a line every tenth of the way.</summary>
internal sealed class TaskProgress(TextWriter writer, bool terminal, int total)
{
    private int _tenths;

    public void Report(TaskScore score)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{score.Examples}/{total} examples, {score.Correct} correct ({100 * score.Accuracy:0.0} %)");
        if (terminal)
        {
            writer.Write(score.Examples == total ? $"\r{text}\n" : $"\r{text}");
        }
        else if (10L * score.Examples / total > _tenths)
        {
            _tenths = (int)(10L * score.Examples / total);
            writer.WriteLine(text);
        }
    }
}
