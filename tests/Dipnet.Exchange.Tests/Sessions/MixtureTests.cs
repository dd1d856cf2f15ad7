namespace Dipnet.Exchange.Tests;

public sealed class MixtureTests
{
    private const int Microbatches = 8;

    private static readonly int[] Scattered = [2, 0, 1, 1, 0, 2, 2, 2];

    [Theory]
    [InlineData(TransportChoice.Lane, "lane")]
    [InlineData(TransportChoice.Grpc, "grpc")]
    [InlineData(TransportChoice.Auto, "lane")]
    public async Task Steps_BetweenHosts_HaveTheBitsOfOneWorker(TransportChoice transport, string kinds)
    {
        await using var cluster = await Cluster.StartAsync(Microbatches, ["a", "b", "c"]);
        var sessions = cluster.Open([0, 1, 2], 1, transport);
        await AssertStepsAsync(cluster, sessions);
        Assert.All(sessions, s => Assert.Equal(kinds, s.Transports));
    }

    [Fact]
    public async Task Steps_TwoOfThreeShareAHost_MixTransportsWithTheBitsOfOneWorker()
    {
        await using var cluster = await Cluster.StartAsync(Microbatches, ["a", "a", "b"]);
        var sessions = cluster.Open([0, 1, 2], 1);
        await AssertStepsAsync(cluster, sessions);
        Assert.Equal("lane+shm", sessions[0].Transports);
        Assert.Equal("lane", sessions[2].Transports);
    }

    [Theory]
    [InlineData(TransportChoice.Auto, "a", "a", "a")]
    [InlineData(TransportChoice.Auto, "a", "a", "b")]
    [InlineData(TransportChoice.Grpc, "a", "b", "c")]
    public async Task Steps_InBf16_GiveAllWorkersEqualBits(TransportChoice transport, params string[] identities)
    {
        await using var cluster = await Cluster.StartAsync(Microbatches, identities);
        var sessions = cluster.Open([0, 1, 2], 1, transport, WireFormat.Bf16);
        for (ulong step = 0; step < 2; step++)
        {
            var results = await Task.WhenAll(sessions.Select(s => cluster.StepAsync(s, step, Scattered)));
            Assert.All(results, r => Assert.True(r is not null && r.AsSpan().SequenceEqual(results[0])));

            // Projections do not lose anything.
            var expected = cluster.Expected(step);
            var first = (int)cluster.Layout.WeightsElements;
            Assert.True(results[0]!.AsSpan(first).SequenceEqual(expected.AsSpan(first)));
        }
    }

    private static async Task AssertStepsAsync(Cluster cluster, ExchangeSession[] sessions)
    {
        for (ulong step = 0; step < 2; step++)
        {
            var expected = cluster.Expected(step);
            var results = await Task.WhenAll(sessions.Select(s => cluster.StepAsync(s, step, Scattered)));
            Assert.All(results, r => Assert.True(r is not null && r.AsSpan().SequenceEqual(expected)));
        }
    }
}
