using System.Buffers;
using System.Net.Sockets;
using Dipnet.Protos;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Stream = Dipnet.Protos.Stream;

namespace Dipnet.Exchange;

/// <summary>Connects a session to one peer and keeps it connected until the session closes: by memory, by lane, by gRPC.</summary>
internal sealed class PeerLink(ExchangeSession session, Peer peer, PeerChannels channels, ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20), LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PingDeadline = TimeSpan.FromSeconds(25);

    private readonly TransportChoice choice = session.Options.Transport;

    private CancellationToken Closing => session.Closing;

    public async Task RunAsync()
    {
        try
        {
            if (MayShare && await ShareAsync().ConfigureAwait(false))
            {
                return;
            }

            await Task.WhenAll(ReceiveAsync(Stream.Nodes), ReceiveAsync(Stream.Results)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (Closing.IsCancellationRequested)
        {
        }
    }

    private bool MayShare => choice == TransportChoice.Shm || (choice == TransportChoice.Auto && channels.SharesHost(peer.Member));

    private Credentials Credentials => new()
    {
        JobId = session.Options.Job,
        Generation = session.Options.Generation,
        Token = UnsafeByteOperations.UnsafeWrap(session.Options.Token),
        Rank = (uint)session.Options.Rank,
    };

    /// <summary>Maps the peer's memory. False when it cannot be had and something else may be tried.</summary>
    private async Task<bool> ShareAsync()
    {
        using var channel = channels.Create(peer.Member);
        for (var pause = FirstPause; ; pause = Longer(pause))
        {
            try
            {
                using var call = channel.CreateCallInvoker().AsyncUnaryCall(
                    ExchangeMethods.Ping, null, new CallOptions(deadline: DateTime.UtcNow + PingDeadline, cancellationToken: Closing), new PingRequest { Credentials = Credentials });
                var reply = await call.ResponseAsync.ConfigureAwait(false);
                Map(reply.SharedMemory);
                peer.Transport = "shm";
                ExchangeLog.Connected(logger, peer.Rank, peer.Transport, session.Options.Generation);
                return true;
            }
            catch (RpcException error)
            {
                ExchangeLog.StreamEnded(logger, Stream.Nodes, peer.Rank, "shm", error.Status.Detail);
            }
            catch (IOException error)
            {
                ExchangeLog.Unavailable(logger, peer.Rank, "shm", error.Message);
                if (choice == TransportChoice.Auto)
                {
                    return false;
                }
            }

            await Task.Delay(pause, time, Closing).ConfigureAwait(false);
        }
    }

    private unsafe void Map(string path)
    {
        var options = session.Options;
        if (path.Length == 0)
        {
            throw new IOException("It does not share its memory.");
        }

        // A peer may keep another number of slots; its head says how many, and the size must fit.
        using (var head = SharedMapping.OpenHead(path))
        {
            if (ArenaControl.Check(head.Address, options.Layout, out var slots) is { } wrong)
            {
                throw new IOException($"{path} is refused: {wrong}.");
            }

            if (slots is < 1 or > 1 << 20)
            {
                throw new IOException($"{path} is refused: it says that it has {slots} slots.");
            }

            var mapping = SharedMapping.OpenReadOnly(
                path, ArenaControl.Size(options.Layout) + ((slots + 1L) * GradientArena.SlotBytes(options.Layout)));
            session.Own(mapping);
            var control = new ArenaControl(mapping.Address, options.Layout, slots);
            if (control.SessionKey != session.Frame.Key)
            {
                throw new IOException($"{path} is not of this generation any more.");
            }

            session.Loop.Post(() => session.Frame.AddShared(peer, control));
        }
    }

    private async Task ReceiveAsync(Stream kind)
    {
        var firstStep = (await session.StepFrom(0).WaitAsync(Closing).ConfigureAwait(false)).Step;
        var incoming = new IncomingStream(session.Frame, peer, kind, session.StepFrom(firstStep), firstStep);
        session.Own(incoming);
        var lane = choice is TransportChoice.Lane or TransportChoice.Auto && peer.Member.Endpoints.Lane.Length > 0;
        for (var pause = FirstPause; ; pause = Longer(pause))
        {
            var before = incoming.StepToOpenWith;
            incoming.Reopen();
            if (!lane || (!await OverLaneAsync(incoming).ConfigureAwait(false) && choice == TransportChoice.Auto))
            {
                incoming.Reopen();
                await OverGrpcAsync(incoming).ConfigureAwait(false);
            }

            pause = incoming.StepToOpenWith == before ? pause : FirstPause;
            await Task.Delay(pause, time, Closing).ConfigureAwait(false);
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;

    private PullRequest Request(IncomingStream incoming) => new()
    {
        Credentials = Credentials,
        Stream = incoming.Kind,
        Wire = session.Options.Wire == WireFormat.Bf16 ? "bf16" : "fp32",
        FirstStep = incoming.StepToOpenWith,
        Layout = session.Options.Layout.Fingerprint,
    };

    /// <summary>Receives over a lane until it ends. False when none could be had.</summary>
    private async Task<bool> OverLaneAsync(IncomingStream incoming)
    {
        Socket? socket = null;
        try
        {
            socket = await channels.ConnectLaneAsync(peer.Member, Closing).ConfigureAwait(false);
            await LaneHandshake.SendAsync(socket, Request(incoming), Closing).ConfigureAwait(false);
            await LaneHandshake.AwaitAnswerAsync(socket, Closing).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or SocketException || (error is OperationCanceledException && !Closing.IsCancellationRequested))
        {
            socket?.Dispose();
            ExchangeLog.Unavailable(logger, peer.Rank, "lane", error.Message);
            return false;
        }
        catch
        {
            socket?.Dispose();
            throw;
        }

        Connected("lane", incoming.Kind);
        var receiver = new LaneReceiver(socket, incoming, session.Frame.Key, session.Loop.Deliver);
        session.Loop.Add(receiver);
        var reason = await receiver.Ended.WaitAsync(Closing).ConfigureAwait(false);
        ExchangeLog.StreamEnded(logger, incoming.Kind, peer.Rank, "lane", reason);
        return true;
    }

    private async Task OverGrpcAsync(IncomingStream incoming)
    {
        using var channel = channels.Create(peer.Member);
        var reason = "The peer ended the stream.";
        try
        {
            using var call = channel.CreateCallInvoker().AsyncServerStreamingCall(
                ExchangeMethods.Pull(Receiver(incoming)), null, new CallOptions(cancellationToken: Closing), Request(incoming));
            do
            {
                if (!incoming.IsDue)
                {
                    await incoming.NextStep.WaitAsync(Closing).ConfigureAwait(false);
                }
            }
            while (incoming.IsDue && await call.ResponseStream.MoveNext(Closing).ConfigureAwait(false));
        }
        catch (RpcException error)
        {
            Closing.ThrowIfCancellationRequested();
            reason = error.InnerException?.Message ?? error.Status.DebugException?.Message ?? error.Status.Detail;
        }

        ExchangeLog.StreamEnded(logger, incoming.Kind, peer.Rank, "grpc", reason);
    }

    private ExchangeMethods.Receiver Receiver(IncomingStream incoming)
    {
        var connected = false;
        return (in ChunkHeader header, ulong checksum, in ReadOnlySequence<byte> payload) =>
        {
            if (!connected)
            {
                connected = true;
                Connected("grpc", incoming.Kind);
            }

            if (incoming.Take(header, checksum, payload) is { } arrival)
            {
                session.Loop.Post(arrival);
            }
        };
    }

    private void Connected(string transport, Stream kind)
    {
        peer.Transport = transport;
        if (kind == Stream.Nodes)
        {
            ExchangeLog.Connected(logger, peer.Rank, transport, session.Options.Generation);
        }
    }
}
