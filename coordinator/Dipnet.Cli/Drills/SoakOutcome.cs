using System.Text.Json.Nodes;

namespace Dipnet.Cli.Drills;

/// <summary>All rounds of a soak.</summary>
internal sealed record SoakOutcome(string Undisturbed, int Seed, TimeSpan Duration, IReadOnlyList<SoakRound> Rounds)
{
    public bool Passed => Rounds.All(round => round.Failure is null);

    /// <summary>How many faults of each kind were planned; in a soak that passed each of them happened.</summary>
    public IReadOnlyDictionary<string, int> Faults => Rounds.SelectMany(round => round.Faults)
        .GroupBy(fault => fault.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal).ToDictionary(kind => kind.Key, kind => kind.Count());

    public string Text() =>
        $"{Rounds.Count} rounds in {Duration.TotalMinutes:0.0} minutes, seed {Seed}: {Rounds.Count(round => round.Failure is null)} passed; "
        + string.Join(", ", Faults.Select(kind => $"{kind.Value} {kind.Key}"));

    public string Json() => new JsonObject
    {
        ["passed"] = Passed,
        ["rounds"] = Rounds.Count,
        ["seed"] = Seed,
        ["seconds"] = Math.Round(Duration.TotalSeconds, 1),
        ["undisturbed"] = Undisturbed,
        ["faults"] = new JsonObject(Faults.Select(kind => KeyValuePair.Create(kind.Key, (JsonNode?)kind.Value))),
        ["bytesSentAgain"] = Rounds.Aggregate(0ul, (sum, round) => sum + round.BytesSentAgain),
        ["failures"] = new JsonArray([.. Rounds.Where(round => round.Failure is not null).Select(round => new JsonObject
        {
            ["round"] = round.Number,
            ["repeat"] = round.Command,
            ["reason"] = round.Failure,
            ["runFolder"] = round.RunFolder,
        })]),
    }.ToJsonString();
}
