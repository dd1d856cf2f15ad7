namespace Dipnet.Worker.Planning;

/// <summary>What a job will need. Bytes and counts unless a name says otherwise.</summary>
internal sealed record TrainingPlan
{
    public required string Job { get; init; }

    public required string Model { get; init; }

    public required IReadOnlyList<string> Missing { get; init; }

    public required int Workers { get; init; }

    public required string Precision { get; init; }

    public required bool ActivationCheckpointing { get; init; }

    public required ParameterCounts Parameters { get; init; }

    public required BatchPlan Batch { get; init; }

    public required MemoryPlan Memory { get; init; }

    public required ExchangePlan Exchange { get; init; }

    /// <summary>One checkpoint: trained parameters and moments.</summary>
    public required long CheckpointBytes { get; init; }

    public required ComputePlan Compute { get; init; }

    /// <summary>Time of a step on stated devices.</summary>
    public required IReadOnlyList<StepTime> Times { get; init; }
}
