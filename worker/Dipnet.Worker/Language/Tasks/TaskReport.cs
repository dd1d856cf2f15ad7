using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dipnet.Worker.Language;

/// <summary>The result of a task's run: one JSON line, or a table for people. Shares are 0 … 1.</summary>
internal sealed record TaskReport
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public required string Task { get; init; }

    public required string Model { get; init; }

    public required int Examples { get; init; }

    public required int Correct { get; init; }

    public required double Accuracy { get; init; }

    /// <summary>Ends of the 95 % interval.</summary>
    public required double Low95 { get; init; }

    public required double High95 { get; init; }

    /// <summary>Examples whose completion has no number.</summary>
    public required int WithoutAnswer { get; init; }

    public required int Shots { get; init; }

    public required bool Chat { get; init; }

    public required int Trajectories { get; init; }

    public required bool Majority { get; init; }

    public required double Temperature { get; init; }

    public required double Typos { get; init; }

    public int? Level { get; init; }

    public required double Seconds { get; init; }

    public string Json() => JsonSerializer.Serialize(this, s_json);

    public static string Line(TaskOutcome outcome) => JsonSerializer.Serialize(
        new
        {
            number = outcome.Number,
            question = outcome.Question,
            prompt = outcome.Prompt,
            completion = outcome.Completions.Count == 1 ? outcome.Completions[0] : null,
            completions = outcome.Completions.Count == 1 ? null : outcome.Completions,
            extracted = outcome.Extracted ?? "",
            expected = outcome.Expected,
            correct = outcome.Correct,
        },
        s_json);

    public string Table()
    {
        var how = new List<string> { Shots == 0 ? "zero-shot" : $"{Shots} shots" };
        if (Chat)
        {
            how.Add("chat template");
        }

        how.Add((Trajectories, Majority) switch
        {
            (0, _) => "mean mode",
            (var k, true) => $"majority of {k} answers",
            (var k, false) => $"probabilities averaged over {k} trajectories",
        });
        how.Add(Temperature == 0 ? "greedy" : string.Create(CultureInfo.InvariantCulture, $"temperature {Temperature}"));
        if (Typos > 0)
        {
            how.Add(string.Create(CultureInfo.InvariantCulture, $"typos in {Typos:P0} of the letters"));
        }

        var rows = new (string Name, string Value)[]
        {
            ("task", Level is { } level ? $"{Task}, level {level}, held-out templates" : Task),
            ("model", Model),
            ("asked", string.Join(", ", how)),
            ("correct", $"{Correct} of {Examples}"),
            ("accuracy", string.Create(CultureInfo.InvariantCulture, $"{100 * Accuracy:0.0} %, 95 % interval {100 * Low95:0.0} … {100 * High95:0.0} %")),
            ("no number", $"{WithoutAnswer}"),
            ("seconds", Seconds.ToString("0.0", CultureInfo.InvariantCulture)),
        };
        return rows.Aggregate(new StringBuilder(), (text, row) => text.AppendLine($"{row.Name,-10} {row.Value}")).ToString();
    }
}
