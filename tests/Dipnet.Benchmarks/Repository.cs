namespace Dipnet.Benchmarks;

/// <summary>Where the program stands, and on what.</summary>
internal static class Repository
{
    /// <summary>The nearest folder above this program that holds the <c>dipnet</c> script.</summary>
    public static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "dipnet")))
            {
                return folder.FullName;
            }
        }

        throw new FileNotFoundException($"no folder above {AppContext.BaseDirectory} holds the script dipnet");
    }

    /// <summary>Processor, cores, and the load that others made at the start: figures of a busy machine are ratios at best.</summary>
    public static string Hardware()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        var load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        return $"{model ?? "unknown processor"}, {Environment.ProcessorCount} cores, load {load} at the start";
    }
}
