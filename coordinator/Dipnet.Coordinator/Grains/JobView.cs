namespace Dipnet.Coordinator.Grains;

/// <summary>A job as it is shown.</summary>
/// <param name="Exists">False: no such job.</param>
/// <param name="Version">Grows with every change.</param>
/// <param name="Snapshot">A <see cref="Protos.JobSnapshot"/>; null: as before.</param>
/// <param name="IsFinal">Nothing will change any more.</param>
[GenerateSerializer, Immutable]
internal sealed record JobView(
    [property: Id(0)] bool Exists, [property: Id(1)] long Version, [property: Id(2)] byte[]? Snapshot, [property: Id(3)] bool IsFinal);
