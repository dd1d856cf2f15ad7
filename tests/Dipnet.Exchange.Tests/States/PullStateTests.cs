using System.Net;
using System.Net.Sockets;
using Dipnet.Protos;

namespace Dipnet.Exchange.Tests;

public sealed class PullStateTests
{
    private const int StateBytes = (3 << 20) + 77;
    private const ulong Generation = 2;

    [Theory]
    [InlineData("a", "a", "a")]
    [InlineData("a", "b", "c")]
    public async Task PullState_TwoSources_BringsEqualBytes(params string[] identities)
    {
        await using var cluster = await Cluster.StartAsync(4, identities);
        var state = OpenSources(cluster, 12);
        var target = new Bytes(new byte[StateBytes], 0);
        await PullAsync(cluster, [0, 1], 12, target, Cluster.Token, Generation);
        Assert.True(target.Content.AsSpan().SequenceEqual(state));
    }

    [Fact]
    public async Task PullState_OneOfTwoSourcesIsGone_TheOtherGivesAll()
    {
        await using var cluster = await Cluster.StartAsync(4, ["a", "b", "c"]);
        var state = OpenSources(cluster, 12);
        var target = new Bytes(new byte[StateBytes], 0);
        await cluster.Hosts[0].DisposeAsync();
        await PullAsync(cluster, [0, 1], 12, target, Cluster.Token, Generation);
        Assert.True(target.Content.AsSpan().SequenceEqual(state));
    }

    [Fact]
    public async Task PullState_OneOfTwoSourcesIsSilent_TheOtherGivesAll()
    {
        await using var cluster = await Cluster.StartAsync(4, ["a", "b", "c"]);
        var state = OpenSources(cluster, 12);
        var target = new Bytes(new byte[StateBytes], 0);
        // Takes connections and every byte, and says nothing, as a link does that swallows packets.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var patience = new CancellationTokenSource(Cluster.Patience);
        var options = cluster.Options([0, 1, 2], 2, Generation, TransportChoice.Auto, WireFormat.Fp32) with { PullPatience = TimeSpan.FromSeconds(0.5) };
        var first = options.Members[0].Clone();
        first.Endpoints = new Endpoints { Grpc = $"http://{silent.LocalEndpoint}" };

        await cluster.Hosts[2].PullStateAsync(options with { Members = [first, .. options.Members.Skip(1)] }, [0, 1], 12, target, null, patience.Token);

        Assert.True(target.Content.AsSpan().SequenceEqual(state));
    }

    [Fact]
    public async Task PullState_WrongToken_IsRefused()
    {
        await using var cluster = await Cluster.StartAsync(4, ["a", "b", "c"]);
        OpenSources(cluster, 12);
        var error = await Assert.ThrowsAsync<ExchangeException>(
            () => PullAsync(cluster, [0, 1], 12, new Bytes(new byte[StateBytes], 0), [4, 3, 2, 1], Generation));
        Assert.Contains("token", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task PullState_EarlierGeneration_IsRefused()
    {
        await using var cluster = await Cluster.StartAsync(4, ["a", "b", "c"]);
        OpenSources(cluster, 12);
        var error = await Assert.ThrowsAsync<ExchangeException>(
            () => PullAsync(cluster, [0, 1], 12, new Bytes(new byte[StateBytes], 0), Cluster.Token, 1));
        Assert.Contains("generation 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PullState_OtherCommittedSteps_IsRefused()
    {
        await using var cluster = await Cluster.StartAsync(4, ["a", "b", "c"]);
        OpenSources(cluster, 12);
        var target = new Bytes(new byte[StateBytes], 0);
        await Assert.ThrowsAsync<ExchangeException>(() => PullAsync(cluster, [0, 1], 13, target, Cluster.Token, Generation));
        Assert.False(target.Content.AsSpan().ContainsAnyExcept((byte)0));
    }

    private static byte[] OpenSources(Cluster cluster, ulong steps)
    {
        var state = new byte[StateBytes];
        new Random(3).NextBytes(state);
        foreach (var rank in new[] { 0, 1 })
        {
            var options = cluster.Options([0, 1, 2], rank, Generation, TransportChoice.Auto, WireFormat.Fp32) with { State = new Bytes(state, steps) };
            cluster.Sessions.Add(cluster.Hosts[rank].Open(options));
        }

        return state;
    }

    private static async Task PullAsync(Cluster cluster, int[] sources, ulong steps, Bytes target, byte[] token, ulong generation)
    {
        using var patience = new CancellationTokenSource(Cluster.Patience);
        var options = cluster.Options([0, 1, 2], 2, generation, TransportChoice.Auto, WireFormat.Fp32) with { Token = token };
        await cluster.Hosts[2].PullStateAsync(options, sources, steps, target, null, patience.Token);
    }
}
