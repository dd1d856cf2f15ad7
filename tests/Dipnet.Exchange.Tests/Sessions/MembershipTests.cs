namespace Dipnet.Exchange.Tests;

public sealed class MembershipTests
{
    private const int Microbatches = 8;

    private static readonly int[] Scattered = [0, 1, 2, 3, 1, 0, 3, 3];

    [Theory]
    [InlineData(TransportChoice.Auto)]
    [InlineData(TransportChoice.Lane)]
    [InlineData(TransportChoice.Grpc)]
    public async Task Step_FencedInTheMiddle_EndsOnFewerWorkersWithTheBitsOfOne(TransportChoice transport)
    {
        await using var cluster = await Cluster.StartAsync(Microbatches, ["here", "here", "here", "there"]);
        var sessions = cluster.Open([0, 1, 2, 3], 1, transport);
        var kept = sessions.Select(s => cluster.Begin(s, 9, Scattered)).ToArray();
        using var fence = new CancellationTokenSource();
        foreach (var rank in new[] { 0, 1, 3 })
        {
            cluster.Publish(sessions[rank]);
        }

        // The one that gets lost is half done.
        sessions[2].PublishBucket(0);
        var waiting = new[] { 0, 1, 3 }.Select(r => OnThread(() => cluster.Finish(sessions[r], fence.Token))).ToArray();
        Assert.True(SpinWait.SpinUntil(() => sessions[0].WaitingFor.SequenceEqual([2]), Cluster.Patience));
        fence.Cancel();
        Assert.All(await Task.WhenAll(waiting), Assert.Null);

        // Its microbatch goes to another; what the others have is kept where it lies.
        var survivors = new[] { 0, 1, 3 };
        var next = cluster.Open(survivors, 2, transport);
        int[] owners = [0, 1, 1, 2, 1, 0, 2, 2];
        var results = await Task.WhenAll(next.Select((s, rank) => OnThread(() =>
        {
            Continue(cluster, s, 9, owners, kept[survivors[rank]]);
            cluster.Publish(s);
            return cluster.Finish(s);
        })));
        var expected = cluster.Expected(9);
        Assert.All(results, r => Assert.True(r is not null && r.AsSpan().SequenceEqual(expected)));
        var after = await Task.WhenAll(next.Select(s => cluster.StepAsync(s, 10, owners)));
        expected = cluster.Expected(10);
        Assert.All(after, r => Assert.True(r is not null && r.AsSpan().SequenceEqual(expected)));
    }

    [Theory]
    [InlineData(TransportChoice.Shm)]
    [InlineData(TransportChoice.Lane)]
    [InlineData(TransportChoice.Grpc)]
    public async Task Wait_PeerDies_GoesOnUntilTheFence(TransportChoice transport)
    {
        await using var cluster = await Cluster.StartAsync(Microbatches, ["here", "here"]);
        var sessions = cluster.Open([0, 1], 1, transport);
        var owners = ReductionTree.ContiguousOwners(Microbatches, 2);
        await Task.WhenAll(sessions.Select(s => cluster.StepAsync(s, 0, owners)));

        cluster.Begin(sessions[1], 1, owners);
        sessions[1].PublishBucket(0);
        using var fence = new CancellationTokenSource();
        var waiting = OnThread(() =>
        {
            cluster.Begin(sessions[0], 1, owners);
            cluster.Publish(sessions[0]);
            return sessions[0].Wait(fence.Token);
        });
        await cluster.Hosts[1].DisposeAsync();
        Assert.False(waiting.IsCompleted);
        fence.Cancel();
        var interrupted = Assert.IsType<StepOutcome.Interrupted>(await waiting);
        Assert.Equal(1, interrupted.LostRank);
    }

    [Fact]
    public async Task Session_NextGenerationGrows_HasTheBitsOfOneWorker()
    {
        await using var cluster = await Cluster.StartAsync(Microbatches, ["here", "there", "here"]);
        ulong generation = 1;
        foreach (var workers in new int[][] { [0], [1, 0], [0, 1, 2], [2] })
        {
            var sessions = cluster.Open(workers, generation);
            var owners = ReductionTree.ContiguousOwners(Microbatches, workers.Length);
            var results = await Task.WhenAll(sessions.Select(s => cluster.StepAsync(s, generation, owners)));
            var expected = cluster.Expected(generation);
            Assert.All(results, r => Assert.True(r is not null && r.AsSpan().SequenceEqual(expected)));
            generation++;
        }
    }

    private static Task<T> OnThread<T>(Func<T> body) => Task.Factory.StartNew(body, TaskCreationOptions.LongRunning);

    private static unsafe void Continue(
        Cluster cluster, ExchangeSession session, ulong step, int[] owners, (TreeNode Node, int Slot)[] kept)
    {
        var cover = ReductionTree.Cover(owners, session.Options.Rank);
        var stay = kept.Where(k => cover.Contains(k.Node)).ToArray();
        var free = new Queue<int>(Enumerable.Range(0, Microbatches).Except(stay.Select(k => k.Slot)));
        var nodes = cover.Select(n => stay.FirstOrDefault(k => k.Node == n) is { Node.Count: > 0 } old ? old : (Node: n, Slot: free.Dequeue())).ToArray();
        foreach (var (node, slot) in nodes.Except(stay))
        {
            Cluster.NodeValues(cluster.Layout, step, node)
                .CopyTo(new Span<float>(session.Options.Arena.Slot(slot), (int)cluster.Layout.Elements));
        }

        session.BeginStep(step, owners, nodes);
    }
}
