using System.Globalization;

namespace Dipnet.Worker.Hosting;

/// <summary>Reads /proc/self/limits. Pure.</summary>
internal static class ProcessLimits
{
    /// <summary>The soft limit of a line, e.g. "Max open files"; null: unlimited or not there.</summary>
    public static long? Soft(string limits, string name)
    {
        var line = limits.Split('\n').FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
        return line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var soft, ..]
            && long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
    }
}
