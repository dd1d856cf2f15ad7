namespace Dipnet.Coordinator.Checkpoints;

/// <summary>Which published checkpoints are deleted. Pure.</summary>
internal static class CheckpointRetention
{
    /// <summary>
    /// Everything but the newest <paramref name="keepLast"/> (at least one) and those whose step is a multiple of <paramref name="keepEvery"/>
    /// (0: none). Called after a publication, so what is deleted is never the only one.
    /// </summary>
    /// <param name="published">Oldest first.</param>
    public static IReadOnlyList<PublishedCheckpoint> Superseded(IReadOnlyList<PublishedCheckpoint> published, int keepLast, ulong keepEvery) =>
        [.. published.Take(Math.Max(0, published.Count - Math.Max(1, keepLast))).Where(c => keepEvery == 0 || c.CommittedSteps % keepEvery != 0)];
}
