namespace Dipnet.Modules;

/// <summary>How an evaluation predicts.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Draws averaged in a prediction; 0: mean mode, one pass without noise. A model without projections always takes one pass.</summary>
    public int Trajectories { get; init; } = 8;

    /// <summary>Seed of all noise of the evaluation.</summary>
    public ulong Seed { get; init; }

    /// <summary>Samples in a batch; a batch is the unit that parts share and noise is keyed by, so this changes the drawn values.</summary>
    public int BatchSize { get; init; } = 32;
}
