namespace Dipnet.Coordinator.Metrics;

/// <summary>Reads metrics.jsonl.</summary>
internal static class MetricsFile
{
    private const int TailBytes = 1 << 17;

    /// <summary>The newest whole lines, oldest first, and where the last of them ends in the file.</summary>
    public static IReadOnlyList<StepLine> ReadTail(string path, out long wholeBytes)
    {
        wholeBytes = 0;
        if (!File.Exists(path))
        {
            return [];
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var start = Math.Max(0, stream.Length - TailBytes);
        stream.Seek(start, SeekOrigin.Begin);
        var tail = new byte[stream.Length - start];
        stream.ReadExactly(tail);
        var end = Array.LastIndexOf(tail, (byte)'\n') + 1;
        wholeBytes = start + end;
        var lines = Parse(tail.AsMemory(0, end));

        // The first line of a tail is a part of one.
        return start > 0 && lines.Count > 0 && lines[0] is null ? [.. lines.Skip(1).OfType<StepLine>()] : [.. lines.OfType<StepLine>()];
    }

    /// <summary>Every whole line of the file.</summary>
    public static IEnumerable<StepLine> ReadAll(string path)
    {
        if (!File.Exists(path))
        {
            yield break;
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } text)
        {
            if (StepLineJson.Parse(System.Text.Encoding.UTF8.GetBytes(text)) is { } line)
            {
                yield return line;
            }
        }
    }

    private static List<StepLine?> Parse(ReadOnlyMemory<byte> text)
    {
        var lines = new List<StepLine?>();
        while (text.Length > 0)
        {
            var length = text.Span.IndexOf((byte)'\n');
            lines.Add(StepLineJson.Parse(text.Span[..length]));
            text = text[(length + 1)..];
        }

        return lines;
    }
}
