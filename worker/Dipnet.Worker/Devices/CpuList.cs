using System.Globalization;

namespace Dipnet.Worker.Devices;

/// <summary>Lists of processor cores as the kernel writes them: <c>0-3,8,10-11</c>. Pure.</summary>
internal static class CpuList
{
    /// <summary>The cores in ascending order; empty for an empty text.</summary>
    /// <exception cref="FormatException">The text is not such a list.</exception>
    public static IReadOnlyList<int> Parse(string text)
    {
        var cores = new SortedSet<int>();
        foreach (var part in text.Trim().Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-');
            if (ends.Length > 2
                || !int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
                || last < first || last >= ThreadCores.Most)
            {
                throw new FormatException($"list of cores \"{text.Trim()}\": must be numbers and ranges below {ThreadCores.Most} with commas, e.g. 0-3,8");
            }

            cores.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return [.. cores];
    }

    /// <summary>The shortest text for ascending cores.</summary>
    public static string Format(IReadOnlyList<int> cores)
    {
        var parts = new List<string>();
        for (int i = 0, next; i < cores.Count; i = next)
        {
            next = i + 1;
            while (next < cores.Count && cores[next] == cores[next - 1] + 1)
            {
                next++;
            }

            parts.Add(next - i == 1 ? $"{cores[i]}" : $"{cores[i]}-{cores[next - 1]}");
        }

        return string.Join(',', parts);
    }
}
