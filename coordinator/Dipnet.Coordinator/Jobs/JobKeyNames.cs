namespace Dipnet.Coordinator.Jobs;

/// <summary>Finds the key that a mistyped one was meant to be.</summary>
internal static class JobKeyNames
{
    /// <summary>The rule for an unknown key, with the nearest known one where there is a near one.</summary>
    public static string UnknownRule(string path)
    {
        var near = Nearest(path);
        return near is null ? "is not a key of a job file (docs/job-file.md lists them)" : $"is not a key of a job file; did you mean {near}?";
    }

    /// <summary>The known key or group with the fewest changed letters; null when more than a third of the letters differ.</summary>
    public static string? Nearest(string path)
    {
        var lastSegment = path[(path.LastIndexOf('.') + 1)..];
        var misplaced = JobKeys.All.FirstOrDefault(key => key.Path.EndsWith("." + lastSegment, StringComparison.Ordinal));
        var candidate = Candidates()
            .Select(known => (known, distance: Distance(path, known)))
            .MinBy(pair => pair.distance);
        return candidate.distance <= Math.Max(2, path.Length / 3) ? candidate.known : misplaced?.Path;
    }

    private static IEnumerable<string> Candidates() =>
        JobKeys.All.Select(key => key.Path)
            .Concat(JobKeys.All.SelectMany(key => Groups(key.Path)))
            .Distinct();

    private static IEnumerable<string> Groups(string path)
    {
        for (var dot = path.IndexOf('.'); dot >= 0; dot = path.IndexOf('.', dot + 1))
        {
            yield return path[..dot];
        }
    }

    /// <summary>Levenshtein distance, one row at a time.</summary>
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var substitution = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitution, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
