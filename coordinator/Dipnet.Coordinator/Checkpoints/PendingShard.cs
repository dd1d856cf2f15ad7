namespace Dipnet.Coordinator.Checkpoints;

/// <summary>A shard that was written and hashed, of a checkpoint that is not published yet.</summary>
/// <param name="ManifestPart">JSON array of the tensors inside.</param>
internal sealed record PendingShard(
    ulong Generation, ulong CommittedSteps, uint Rank, uint World, string File, ulong Bytes, string Sha256, string ManifestPart);
