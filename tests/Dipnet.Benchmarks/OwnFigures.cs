using System.Text.Json.Nodes;

namespace Dipnet.Benchmarks;

/// <summary>What is measured against a ceiling of its own run instead of a peer.</summary>
internal static class OwnFigures
{
    private static readonly Dictionary<string, double> Bars = new() { ["adamw"] = 1.5, ["train k=1"] = 1.15, ["predict mean"] = 1.02 };

    /// <summary><c>bench optimizer</c> or <c>bench dipnet</c>: time over the ceiling's.</summary>
    public static IEnumerable<Figure> Ceilings(string root, params string[] arguments) =>
        BenchProgram.Dipnet(root, ["bench", .. arguments, "--json"]).Where(l => l["ratioToCeiling"] is not null).Select(l => AgainstCeiling(l, Bars.GetValueOrDefault(Name(l)) is > 0 and var bar ? bar : null));

    /// <summary>The step when the exchange takes as long as backward.</summary>
    public static IEnumerable<Figure> Overlap(string root, int rounds)
    {
        // One process with five threads on a few cores: the median of some runs says more than one.
        var lines = Enumerable.Range(0, rounds).Select(_ => BenchProgram.Dipnet(root, "bench", "step", "--overlap", "--bucket-mib", "1", "--json")[0]).ToArray();
        yield return Figure.Of("overlap width 192, 2 workers", "ms", "the longer of compute and exchange",
            [.. lines.Select(l => (Value(l, "milliseconds"), Value(l, "milliseconds") / Value(l, "ratioToCeiling")))], 1.15, atMost: true);
    }

    /// <summary>Two network namespaces with 1 ms of delay and 1 Gbit/s between them: the share of the line's rate. Needs root.</summary>
    public static IEnumerable<Figure> SlowNetwork(string root)
    {
        const double line = 1e9 / 8 / (1 << 30);
        foreach (var measured in BenchProgram.Script(root, "netem.sh"))
        {
            var ours = !Name(measured).StartsWith("gloo", StringComparison.Ordinal);
            yield return Figure.Of(Name(measured), "GiB/s", "1 Gbit/s with 1 ms of delay", [(Value(measured, "busGiBps"), line)], ours ? 0.9 : null);
        }
    }

    private static Figure AgainstCeiling(JsonNode line, double? bar) =>
        Figure.Of(Name(line), "ms", line["note"]?.GetValue<string>() ?? "", [(Value(line, "milliseconds"), Value(line, "milliseconds") / Value(line, "ratioToCeiling"))], bar, atMost: true);

    private static string Name(JsonNode line) => line["case"]!.GetValue<string>();

    private static double Value(JsonNode line, string key) => line[key]!.GetValue<double>();
}
