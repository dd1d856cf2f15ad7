namespace Dipnet.Worker.Hosting;

/// <summary>What this process tells of itself.</summary>
internal static class ProcessFacts
{
    /// <summary>What this build is, as sent to the coordinator.</summary>
    public static string Version => typeof(ProcessFacts).Assembly.GetName().Version!.ToString(3);

    /// <summary>Resident bytes of this process; 0 where /proc is absent.</summary>
    public static ulong ResidentBytes()
    {
        const string Statistics = "/proc/self/statm";
        var parts = File.Exists(Statistics) ? File.ReadAllText(Statistics).Split(' ') : [];
        return parts.Length > 1 && ulong.TryParse(parts[1], out var pages) ? pages * (ulong)Environment.SystemPageSize : 0;
    }
}
