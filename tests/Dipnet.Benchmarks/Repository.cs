namespace Dipnet.Benchmarks;

/// <summary>Where the program stands, and on what.</summary>
internal static class Repository
{
    /// <summary>The nearest folder that holds the <c>dipnet</c> script, above this program or else above the current folder.</summary>
    public static string Root() => Above(AppContext.BaseDirectory) ?? Above(Environment.CurrentDirectory)
        ?? throw new FileNotFoundException($"no folder above {AppContext.BaseDirectory} or {Environment.CurrentDirectory} holds the script dipnet");

    /// <summary>Processor, cores, and the load that others made at the start: figures of a busy machine are ratios at best.</summary>
    public static string Hardware()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        var load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        return $"{model ?? "unknown processor"}, {Environment.ProcessorCount} cores, load {load} at the start";
    }

    private static string? Above(string path)
    {
        var folder = new DirectoryInfo(path);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "dipnet")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName;
    }
}
