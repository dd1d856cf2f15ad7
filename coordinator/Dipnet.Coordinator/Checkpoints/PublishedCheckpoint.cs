namespace Dipnet.Coordinator.Checkpoints;

/// <summary>A checkpoint with a manifest.</summary>
/// <param name="Folder">Absolute.</param>
internal sealed record PublishedCheckpoint(ulong CommittedSteps, string Folder, ulong Bytes, DateTimeOffset Time);
