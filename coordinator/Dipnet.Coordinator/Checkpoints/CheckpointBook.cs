using Dipnet.Coordinator.Training;
using Dipnet.Protos;

namespace Dipnet.Coordinator.Checkpoints;

/// <summary>Which shards of which checkpoint were written. Changes the record only; no I/O.</summary>
internal static class CheckpointBook
{
    /// <summary>All shards of the checkpoint in rank order, failed ones among them, when this was the last one; else null.</summary>
    public static IReadOnlyList<PendingShard>? Add(JobRecord record, ShardWritten shard)
    {
        if (record.Checkpoints.Count > 0 && shard.CommittedSteps <= record.Checkpoints[^1].CommittedSteps)
        {
            // Said again after a reconnect, or superseded before it was complete.
            return null;
        }

        bool SameCheckpoint(PendingShard s) => s.Generation == shard.Generation && s.CommittedSteps == shard.CommittedSteps && s.World == shard.World;
        record.Shards.RemoveAll(s => SameCheckpoint(s) && s.Rank == shard.Rank);
        record.Shards.Add(new PendingShard(
            shard.Generation, shard.CommittedSteps, shard.Rank, shard.World, shard.File, shard.Bytes, shard.Sha256, shard.ManifestPart, shard.Error.Length > 0));
        var all = record.Shards.Where(SameCheckpoint).OrderBy(s => s.Rank).ToList();
        return all.Count == shard.World ? all : null;
    }

    public static bool IsPublished(JobRecord record, ulong committedSteps) => record.Checkpoints.Exists(c => c.CommittedSteps == committedSteps);

    /// <summary>After a publication: shards of the same and of earlier steps will never make a checkpoint of their own.</summary>
    public static void Publish(JobRecord record, PublishedCheckpoint checkpoint)
    {
        record.Shards.RemoveAll(s => s.CommittedSteps <= checkpoint.CommittedSteps);
        record.Checkpoints.Add(checkpoint);
        record.Checkpoints.Sort((a, b) => a.CommittedSteps.CompareTo(b.CommittedSteps));
    }
}
