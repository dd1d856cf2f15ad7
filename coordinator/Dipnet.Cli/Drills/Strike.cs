using System.Globalization;
using System.Text.RegularExpressions;

namespace Dipnet.Cli.Drills;

/// <summary>What a worker said right before it did something to itself.</summary>
internal sealed partial record Strike(string Kind, ulong Step, string Phase, DateTimeOffset At)
{
    /// <summary>Reads a line of a worker; null when it is none of a drill.</summary>
    public static Strike? Read(string line)
    {
        var match = Line().Match(line);
        return match.Success
            ? new Strike(
                match.Groups[1].Value, ulong.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture), match.Groups[3].Value,
                DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(match.Groups[4].Value, CultureInfo.InvariantCulture)))
            : null;
    }

    /// <summary>It carries out <paramref name="fault"/>.</summary>
    public bool Is(PlannedFault fault) => fault.Kind == Kind && Step >= (fault.Step ?? 0) && fault.PhaseOrDefault == Phase;

    [GeneratedRegex(@"^drill: (kill|hang|leave|flip) rank \d+ at step (\d+) in (\w+), (\d+) ms$")]
    private static partial Regex Line();
}
