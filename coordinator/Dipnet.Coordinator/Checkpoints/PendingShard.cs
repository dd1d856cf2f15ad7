namespace Dipnet.Coordinator.Checkpoints;

/// <summary>A shard of a checkpoint that is not published yet: written and hashed, or failed.</summary>
/// <param name="ManifestPart">JSON array of the tensors inside.</param>
/// <param name="Failed">It could not be written.</param>
internal sealed record PendingShard(
    ulong Generation, ulong CommittedSteps, uint Rank, uint World, string File, ulong Bytes, string Sha256, string ManifestPart, bool Failed = false);
