using CsCheck;
using Dipnet.Coordinator.Checkpoints;

namespace Dipnet.Coordinator.Tests.Checkpoints;

public sealed class CheckpointRetentionTests
{
    private static readonly Gen<PublishedCheckpoint[]> Published = Gen.Select(Gen.Int[1, 200], Gen.Int[-1, 5]).Array[1, 12].Select(all => all
        .DistinctBy(c => c.Item1).OrderBy(c => c.Item1)
        .Select(c => new PublishedCheckpoint((ulong)c.Item1, $"/step-{c.Item1}", 1, DateTimeOffset.UnixEpoch, c.Item2 < 0 ? null : c.Item2)).ToArray());

    private static readonly Gen<CheckpointRetention> Policies =
        Gen.Select(Gen.Int[0, 4], Gen.ULong[0, 7], Gen.Int[0, 3], Gen.ULong[0, 200]).Select(p => new CheckpointRetention(p.Item1, p.Item2, p.Item3, p.Item4));

    [Fact]
    public void Superseded_AnyPolicy_KeepsWhatItNamesAndNothingElse() => Gen.Select(Published, Policies).Sample((published, policy) =>
    {
        var kept = published.Except(policy.Superseded(published)).ToHashSet();

        Assert.Contains(published[^1], kept);
        Assert.All(published.TakeLast(policy.KeepLast), c => Assert.Contains(c, kept));
        Assert.All(published.Where(c => policy.KeepEvery > 0 && c.CommittedSteps % policy.KeepEvery == 0), c => Assert.Contains(c, kept));
        var rated = published.Where(c => c.Nll is not null).ToList();
        Assert.Equal(Math.Min(policy.KeepBest, rated.Count), rated.Count(c => kept.Contains(c) && IsBest(c)));
        if (published.LastOrDefault(c => c.CommittedSteps <= policy.AgreedSteps) is { } agreed)
        {
            Assert.Contains(agreed, kept);
        }

        Assert.All(kept, c => Assert.True(
            published.TakeLast(Math.Max(1, policy.KeepLast)).Contains(c) || (policy.KeepEvery > 0 && c.CommittedSteps % policy.KeepEvery == 0) || IsBest(c)
            || c == published.LastOrDefault(a => a.CommittedSteps <= policy.AgreedSteps)));

        bool IsBest(PublishedCheckpoint c) => c.Nll is { } nll
            && rated.Count(o => o.Nll < nll || (o.Nll == nll && o.CommittedSteps > c.CommittedSteps)) < policy.KeepBest;
    });

    [Fact]
    public void Superseded_AsCheckpointsAreAdded_NeverDeletesTheBestSoFar() => Gen.Select(Published, Gen.Int[1, 3]).Sample((all, best) =>
    {
        var policy = new CheckpointRetention(1, 0, best, 0);
        var kept = new List<PublishedCheckpoint>();
        foreach (var checkpoint in all)
        {
            kept.Add(checkpoint);
            kept.RemoveAll(policy.Superseded(kept).Contains);
        }

        var expected = all.Where(c => c.Nll is not null).OrderBy(c => c.Nll).ThenByDescending(c => c.CommittedSteps).Take(best);
        Assert.All(expected, c => Assert.Contains(c, kept));
    });
}
