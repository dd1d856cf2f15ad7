namespace Dipnet.Exchange.Tests;

public sealed class ExchangeSessionTests
{
    private const int Microbatches = 8;

    public static TheoryData<TransportChoice, int> Transports()
    {
        var data = new TheoryData<TransportChoice, int>();
        foreach (var transport in new[] { TransportChoice.Shm, TransportChoice.Lane, TransportChoice.Grpc })
        {
            for (var workers = 1; workers <= 4; workers++)
            {
                data.Add(transport, workers);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Steps_OnOneTransport_HaveTheBitsOfOneWorker(TransportChoice transport, int workers)
    {
        await using var cluster = await Cluster.StartAsync(Microbatches, Same(workers));
        var sessions = cluster.Open([.. Enumerable.Range(0, workers)], 1, transport);
        var owners = ReductionTree.ContiguousOwners(Microbatches, workers);
        for (ulong step = 5; step < 8; step++)
        {
            await AssertStepAsync(cluster, sessions, step, owners);
        }

        if (workers > 1)
        {
            Assert.All(sessions, s => Assert.Equal(transport.ToString().ToLowerInvariant(), s.Transports));
        }
    }

    [Fact]
    public async Task Steps_EightWorkersOnTwoHosts_HaveTheBitsOfOneWorker()
    {
        await using var cluster = await Cluster.StartAsync(Microbatches, [.. Enumerable.Range(0, 8).Select(w => w < 5 ? "here" : "there")]);
        var sessions = cluster.Open([.. Enumerable.Range(0, 8)], 1);
        for (ulong step = 0; step < 2; step++)
        {
            await AssertStepAsync(cluster, sessions, step, ReductionTree.ContiguousOwners(Microbatches, 8));
        }
    }

    [Theory]
    [InlineData("here here", TransportChoice.Shm)]
    [InlineData("here there", TransportChoice.Lane)]
    [InlineData("here there", TransportChoice.Grpc)]
    [InlineData("here here there", TransportChoice.Auto)]
    public async Task BucketReduced_OnAnyTransport_HasEachBucketOnceAndWhole(string hosts, TransportChoice transport)
    {
        await using var cluster = await Cluster.StartAsync(Microbatches, hosts.Split(' '));
        var ranks = Enumerable.Range(0, cluster.Hosts.Count).ToArray();
        var takers = ranks.Select(_ => new BucketTaker(cluster.Layout)).ToArray();
        var sessions = ranks.Select(rank => cluster.Hosts[rank].Open(
            cluster.Options(ranks, rank, 1, transport, WireFormat.Fp32) with { BucketReduced = takers[rank].Take })).ToArray();
        cluster.Sessions.AddRange(sessions);
        for (ulong step = 0; step < 3; step++)
        {
            await AssertStepAsync(cluster, sessions, step, ReductionTree.ContiguousOwners(Microbatches, ranks.Length));
            foreach (var taker in takers)
            {
                Assert.Equal(cluster.Expected(step), await taker.WholeAsync());
            }
        }
    }

    [Fact]
    public async Task DisposeAsync_ABucketIsBeingTaken_WaitsForIt()
    {
        await using var cluster = await Cluster.StartAsync(Microbatches, Same(2));
        using var taken = new SemaphoreSlim(0);
        using var goOn = new ManualResetEventSlim();
        var first = cluster.Hosts[0].Open(cluster.Options([0, 1], 0, 1, TransportChoice.Shm, WireFormat.Fp32) with
        {
            BucketReduced = _ =>
            {
                taken.Release();
                goOn.Wait(Cluster.Patience);
            },
        });
        var second = cluster.Hosts[1].Open(cluster.Options([0, 1], 1, 1, TransportChoice.Shm, WireFormat.Fp32));
        cluster.Sessions.AddRange([first, second]);
        await AssertStepAsync(cluster, [first, second], 0, ReductionTree.ContiguousOwners(Microbatches, 2));
        Assert.True(await taken.WaitAsync(Cluster.Patience));

        var closing = Task.Run(async () => await first.DisposeAsync());
        await Task.Delay(100);
        Assert.False(closing.IsCompleted);
        goOn.Set();
        await closing.WaitAsync(Cluster.Patience);
    }

    private static string[] Same(int workers) => [.. Enumerable.Repeat("here", workers)];

    private static async Task AssertStepAsync(Cluster cluster, ExchangeSession[] sessions, ulong step, IReadOnlyList<int> owners)
    {
        var expected = cluster.Expected(step);
        var results = await Task.WhenAll(sessions.Select(s => cluster.StepAsync(s, step, owners)));
        Assert.All(results, r => Assert.True(r is not null && r.AsSpan().SequenceEqual(expected), $"step {step} differs or was interrupted"));
    }
}
