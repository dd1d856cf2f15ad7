using System.Text.Json;
using System.Text.Json.Nodes;
using Dipnet.Cli.Output;

namespace Dipnet.Cli.Drills;

/// <summary>Says what a drill showed: as a table, or as one JSON object.</summary>
internal static class DrillReport
{
    private static readonly JsonSerializerOptions OneLine = new();

    public static void WriteTable(Screen screen, DrillOutcome drill)
    {
        var table = ResultTable.New(screen, "fault", "happened", "detected", "next step");
        foreach (var fault in drill.Faults)
        {
            ResultTable.Row(table, fault.Fault.ToString(), fault.Happened ? "yes" : "NO", Seconds(fault.DetectSeconds), Seconds(fault.NextStepSeconds));
        }

        screen.Console.Write(table);
        screen.Say($"faults that happened {drill.Happened} of {drill.Faults.Count}");
        screen.Say($"bytes sent again     {Figures.Bytes(drill.BytesSentAgain)} (gradients {Figures.Bytes(drill.Disturbed.RepeatedBytes)}, state {Figures.Bytes(drill.Disturbed.StateBytes)})");
        screen.Say($"undisturbed {drill.Undisturbed.WeightsSha256}");
        screen.Say($"disturbed   {drill.Disturbed.WeightsSha256}");
        screen.Say(drill.DigestsEqual ? "the digests are equal" : "the digests DIFFER");
    }

    public static string Json(DrillOutcome drill) => new JsonObject
    {
        ["passed"] = drill.Passed,
        ["planned"] = drill.Faults.Count,
        ["happened"] = drill.Happened,
        ["digestsEqual"] = drill.DigestsEqual,
        ["undisturbed"] = drill.Undisturbed.WeightsSha256,
        ["disturbed"] = drill.Disturbed.WeightsSha256,
        ["status"] = drill.Disturbed.Status,
        ["reason"] = drill.Disturbed.Reason,
        ["generations"] = drill.Disturbed.Generation,
        ["bytesSentAgain"] = drill.BytesSentAgain,
        ["gradientBytesSentAgain"] = drill.Disturbed.RepeatedBytes,
        ["stateBytesPulled"] = drill.Disturbed.StateBytes,
        ["seconds"] = new JsonObject { ["undisturbed"] = drill.Undisturbed.SecondsTotal, ["disturbed"] = drill.Disturbed.SecondsTotal },
        ["runFolders"] = new JsonArray(drill.Undisturbed.RunFolder, drill.Disturbed.RunFolder),
        ["faults"] = new JsonArray([.. drill.Faults.Select(fault => new JsonObject
        {
            ["fault"] = fault.Fault.ToString(),
            ["happened"] = fault.Happened,
            ["detectSeconds"] = fault.DetectSeconds,
            ["nextStepSeconds"] = fault.NextStepSeconds,
        })]),
    }.ToJsonString(OneLine);

    private static string Seconds(double? seconds) => seconds is { } value ? $"{Figures.Number(value)} s" : "";
}
