namespace Dipnet.Coordinator.Checkpoints;

/// <summary>A checkpoint with a manifest.</summary>
/// <param name="Folder">Absolute.</param>
/// <param name="Nll">Mean training NLL of the up to 32 steps before it; null: not known.</param>
internal sealed record PublishedCheckpoint(ulong CommittedSteps, string Folder, ulong Bytes, DateTimeOffset Time, double? Nll = null);
