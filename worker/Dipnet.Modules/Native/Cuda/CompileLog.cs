namespace Dipnet.Modules;

/// <summary>What a log of NVRTC says, in one line.</summary>
internal static class CompileLog
{
    private const int Most = 3;

    /// <summary>The first errors of the log; its first line where none is marked as one.</summary>
    public static string FirstErrors(string log)
    {
        string[] lines = [.. log.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
        var errors = lines.Where(line => line.Contains("error:", StringComparison.Ordinal) || line.Contains(": error", StringComparison.Ordinal)).Take(Most).ToArray();
        return errors.Length > 0 ? string.Join("; ", errors) : lines.FirstOrDefault() ?? "";
    }
}
