namespace Dipnet.Cli.Drills;

/// <summary>What became of one planned fault, and when it was seen to happen; no time: it did not.</summary>
internal sealed record FaultOutcome(PlannedFault Fault, DateTimeOffset? At)
{
    public bool Happened => At is not null;

    /// <summary>Seconds until the coordinator's event log names it; null where that does not apply.</summary>
    public double? DetectSeconds { get; init; }

    /// <summary>Seconds until the next step was committed; null when no step followed.</summary>
    public double? NextStepSeconds { get; init; }
}
