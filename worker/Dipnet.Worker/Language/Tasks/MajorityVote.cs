using System.Globalization;

namespace Dipnet.Worker.Language;

/// <summary>Decides what a model's answers come to.</summary>
internal static class MajorityVote
{
    /// <summary>Decimals are equal up to this: files give thirds as 0.3333333333, models write 0.3333.</summary>
    private const decimal Tolerance = 0.001m;

    /// <summary>The most frequent answer, the first of equally frequent ones; answers that are missing do not vote. Null: nobody voted.</summary>
    public static string? Winner(IReadOnlyList<string?> answers) => answers
        .Where(a => a is not null)
        .GroupBy(a => a, StringComparer.Ordinal)
        .MaxBy(g => g.Count())?.Key;

    /// <summary>Whole numbers must be equal; with a fraction expected, up to a thousandth.</summary>
    public static bool IsRight(string? given, string expected) =>
        given == expected
        || (given is not null && expected.Contains('.', StringComparison.Ordinal)
            && decimal.TryParse(given, NumberStyles.Number, CultureInfo.InvariantCulture, out var value)
            && Math.Abs(value - decimal.Parse(expected, CultureInfo.InvariantCulture)) < Tolerance);
}
