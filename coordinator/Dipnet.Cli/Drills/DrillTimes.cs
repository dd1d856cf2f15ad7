using System.Text.Json;
using Dipnet.Protos;

namespace Dipnet.Cli.Drills;

/// <summary>Reads from a run's records how soon a fault was noticed and when the next step was committed.</summary>
internal static class DrillTimes
{
    /// <summary>The outcomes with their times; the job's snapshot is the final one, for its events, commits are those of metrics.jsonl in order.</summary>
    public static IReadOnlyList<FaultOutcome> Of(IReadOnlyList<FaultOutcome> outcomes, JobSnapshot job, IReadOnlyList<DateTimeOffset> commits) =>
        [.. outcomes.Select(outcome => outcome.At is { } at ? Complete(outcome, at, job, commits) : outcome)];

    /// <summary>Times of the lines of a run's metrics.jsonl.</summary>
    public static IReadOnlyList<DateTimeOffset> Commits(string runFolder)
    {
        var file = Path.Combine(runFolder, "metrics.jsonl");
        return File.Exists(file) ? [.. File.ReadLines(file).Select(TimeOf).OfType<DateTimeOffset>()] : [];
    }

    private static FaultOutcome Complete(FaultOutcome outcome, DateTimeOffset at, JobSnapshot job, IReadOnlyList<DateTimeOffset> commits)
    {
        // A flipped bit shows when weights are compared, every other fault as a change of the members.
        var kind = outcome.Fault.Kind == "flip" ? "fault" : "member";
        var noticed = outcome.Fault.ByWorker
            ? job.Events.Select(entry => (entry.Kind, At: DateTimeOffset.FromUnixTimeMilliseconds(entry.UnixMs)))
                .Where(entry => entry.Kind == kind && entry.At >= at)
                .Select(entry => (DateTimeOffset?)entry.At)
                .FirstOrDefault()
            : null;
        var resumed = noticed ?? at;
        var next = commits.Where(time => time > resumed).Select(time => (DateTimeOffset?)time).FirstOrDefault();
        return outcome with { DetectSeconds = Seconds(noticed - at), NextStepSeconds = Seconds(next - at) };
    }

    private static double? Seconds(TimeSpan? span) => span is { } value ? Math.Max(0, Math.Round(value.TotalSeconds, 3)) : null;

    private static DateTimeOffset? TimeOf(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.TryGetProperty("time", out var time) && time.TryGetDateTimeOffset(out var value) ? value : null;
        }
        catch (JsonException)
        {
            // The last line may be cut short by a fault.
            return null;
        }
    }
}
