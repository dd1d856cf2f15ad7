using System.Globalization;
using System.Text.Json.Serialization;

namespace Dipnet.Benchmarks;

/// <summary>One line of the table: what was measured beside what, and whether a bar holds.</summary>
/// <param name="Ours">In <paramref name="Unit"/>, median over the rounds.</param>
/// <param name="Beside">The peer's or the ceiling's, in the same unit; null when there is none.</param>
/// <param name="Ratio">Ours to the other's, median of the rounds' ratios.</param>
/// <param name="Low">The lowest ratio of a round.</param>
/// <param name="High">The highest.</param>
/// <param name="Bar">What the ratio must reach, or must not exceed when it counts time; null: none.</param>
internal sealed record Figure(string Name, double Ours, string Unit, double? Beside, string Against, double Ratio, double Low, double High, double? Bar = null, bool AtMost = false)
{
    [JsonPropertyOrder(1)]
    public bool? Held => Bar is not { } bar ? null : AtMost ? Ratio <= bar : Ratio >= bar;

    /// <summary>Of rounds in which both were measured one after the other.</summary>
    public static Figure Of(string name, string unit, string against, IReadOnlyList<(double Ours, double Beside)> rounds, double? bar = null, bool atMost = false)
    {
        var ratios = rounds.Select(r => r.Ours / r.Beside).ToArray();
        return new Figure(name, Round(Median(rounds.Select(r => r.Ours))), unit, Round(Median(rounds.Select(r => r.Beside))), against,
            Round(Median(ratios)), Round(ratios.Min()), Round(ratios.Max()), bar, atMost);
    }

    public static string Head => $"{"",-46} {"ours",9} {"beside",9} {"",-12} {"ratio",6}  {"range",-13} bar";

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Name,-46} {Ours,9:G5} {Beside,9:G5} {Unit,-12} {Ratio,6:F2}  {$"{Low:F2} to {High:F2}",-13} {(Bar is { } bar ? $"{(AtMost ? "≤" : "≥")} {bar} {(Held == true ? "held" : "MISSED")}" : "")}  {Against}");

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static double Round(double value) => Math.Round(value, 4);
}
