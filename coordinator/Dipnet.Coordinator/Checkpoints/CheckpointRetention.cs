namespace Dipnet.Coordinator.Checkpoints;

/// <summary>Which published checkpoints are kept. Pure.</summary>
/// <param name="KeepLast">The newest so many, at least one.</param>
/// <param name="KeepEvery">Those whose step is a multiple of it; 0: none.</param>
/// <param name="KeepBest">The so many with the lowest training NLL, of equal ones the newer.</param>
/// <param name="AgreedSteps">Newest step at which all weights were known to be equal: the newest checkpoint up to it is what a job goes back to.</param>
internal sealed record CheckpointRetention(int KeepLast, ulong KeepEvery, int KeepBest, ulong AgreedSteps)
{
    /// <summary>What is to be deleted. Called after a publication, so it is never the only one.</summary>
    /// <param name="published">Oldest first.</param>
    public IReadOnlyList<PublishedCheckpoint> Superseded(IReadOnlyList<PublishedCheckpoint> published)
    {
        var best = published.Where(c => c.Nll is not null).OrderBy(c => c.Nll).ThenByDescending(c => c.CommittedSteps).Take(KeepBest).ToHashSet();
        var agreed = published.LastOrDefault(c => c.CommittedSteps <= AgreedSteps);
        return [.. published.SkipLast(Math.Max(1, KeepLast)).Where(c =>
            (KeepEvery == 0 || c.CommittedSteps % KeepEvery != 0) && !best.Contains(c) && c != agreed)];
    }
}
