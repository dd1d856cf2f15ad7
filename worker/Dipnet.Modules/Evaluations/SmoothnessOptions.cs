namespace Dipnet.Modules;

/// <summary>How smoothness is measured.</summary>
public sealed record SmoothnessOptions
{
    /// <summary>Draws averaged in the loss; 0: mean mode. The same draws in every evaluation of a sample.</summary>
    public int Trajectories { get; init; } = 8;

    /// <summary>Random vectors of the trace estimate.</summary>
    public int Probes { get; init; } = 8;

    /// <summary>Steps of the power iteration.</summary>
    public int Iterations { get; init; } = 10;

    /// <summary>Root mean square, per input value, of the displacement of the finite differences.</summary>
    public float Displacement { get; init; } = 0.01f;

    /// <summary>Radius, in the maximum norm, of the random points around the data at which the Lipschitz estimate looks.</summary>
    public float Radius { get; init; } = 0.05f;

    /// <summary>Seed of all noise.</summary>
    public ulong Seed { get; init; }

    /// <summary>Samples in a batch.</summary>
    public int BatchSize { get; init; } = 32;
}
