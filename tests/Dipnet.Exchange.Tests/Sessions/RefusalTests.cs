using System.Net.Sockets;
using Dipnet.Protos;
using Google.Protobuf;
using Grpc.Core;
using Stream = Dipnet.Protos.Stream;

namespace Dipnet.Exchange.Tests;

/// <summary>A stranger asks a worker for gradients with one thing wrong: it is told so, and gets no byte.</summary>
public sealed class RefusalTests
{
    private const ulong Generation = 5;
    private const ulong Step = 7;
    private const int Microbatches = 4;

    public static TheoryData<bool, string, string> Wrongs()
    {
        var data = new TheoryData<bool, string, string>();
        foreach (var lane in new[] { true, false })
        {
            data.Add(lane, "job", "job");
            data.Add(lane, "token", "token");
            data.Add(lane, "no token", "token");
            data.Add(lane, "generation", "generation 4");
            data.Add(lane, "rank", "Rank 9");
            data.Add(lane, "own rank", "Rank 0");
            data.Add(lane, "layout", "layout");
            data.Add(lane, "wire", "bf16");
            data.Add(lane, "stream", "stream 7");
            data.Add(lane, "no credentials", "credentials");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Wrongs))]
    public async Task Pull_OneThingIsWrong_IsRefusedWithTheReason(bool lane, string wrong, string reason)
    {
        await using var cluster = await StartAsync();
        var refusal = await AskAsync(cluster, lane, Request(cluster, wrong));
        Assert.Contains(reason, refusal, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pull_OtherStep_EndsWithoutAByte(bool lane)
    {
        await using var cluster = await StartAsync();
        var refusal = await AskAsync(cluster, lane, Request(cluster, "step"));
        Assert.Contains(lane ? "closed" : "step 3", refusal, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Worker 0 has published all of a step and waits for worker 1.</summary>
    private static async Task<Cluster> StartAsync()
    {
        var cluster = await Cluster.StartAsync(Microbatches, ["here", "there"]);
        var session = cluster.Open([0, 1], Generation, TransportChoice.Lane)[0];
        cluster.Begin(session, Step, ReductionTree.ContiguousOwners(Microbatches, 2));
        cluster.Publish(session);
        return cluster;
    }

    private static PullRequest Request(Cluster cluster, string wrong) => new()
    {
        Credentials = wrong == "no credentials" ? null : new Credentials
        {
            JobId = wrong == "job" ? "another" : Cluster.Job,
            Generation = wrong == "generation" ? Generation - 1 : Generation,
            Token = ByteString.CopyFrom(wrong == "token" ? [9, 9, 9, 9] : wrong == "no token" ? [] : Cluster.Token),
            Rank = wrong == "rank" ? 9u : wrong == "own rank" ? 0u : 1u,
        },
        Stream = wrong == "stream" ? (Stream)7 : Stream.Nodes,
        Wire = wrong == "wire" ? "bf16" : "fp32",
        FirstStep = wrong == "step" ? 3 : Step,
        Layout = wrong == "layout" ? 1 : cluster.Layout.Fingerprint,
    };

    private static async Task<string> AskAsync(Cluster cluster, bool lane, PullRequest request)
    {
        using var patience = new CancellationTokenSource(Cluster.Patience);
        using var channels = new PeerChannels("a stranger's host");
        var member = cluster.Members([0])[0];
        if (!lane)
        {
            var taken = 0;
            using var call = channels.Create(member).CreateCallInvoker().AsyncServerStreamingCall(
                ExchangeMethods.Pull((in ChunkHeader _, ulong _, in System.Buffers.ReadOnlySequence<byte> _) => taken++),
                null, new CallOptions(cancellationToken: patience.Token), request);
            var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(patience.Token));
            Assert.Equal(StatusCode.FailedPrecondition, error.StatusCode);
            Assert.Equal(0, taken);
            return error.Status.Detail;
        }

        using var socket = await channels.ConnectLaneAsync(member, patience.Token);
        await LaneHandshake.SendAsync(socket, request, patience.Token);
        if (await Record.ExceptionAsync(() => LaneHandshake.AwaitAnswerAsync(socket, patience.Token)) is { } refusal)
        {
            return Assert.IsType<ChunkRefusedException>(refusal).Message;
        }

        // Admitted by the gate; the stream itself ends before its first byte.
        while (!socket.Poll(TimeSpan.FromMilliseconds(10), SelectMode.SelectRead))
        {
            patience.Token.ThrowIfCancellationRequested();
        }

        return socket.Receive(new byte[1], SocketFlags.None, out _) == 0 ? "closed" : "a byte came";
    }
}
