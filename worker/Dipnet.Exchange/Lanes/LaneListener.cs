using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Dipnet.Exchange;

/// <summary>Accepts lanes, checks their first frame and hands them to the session's exchange thread.</summary>
internal sealed class LaneListener : IAsyncDisposable
{
    private static readonly TimeSpan HandshakePatience = TimeSpan.FromSeconds(30);

    private readonly Socket socket;
    private readonly SessionGate gate;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly long? bytesPerSecond;
    private readonly CancellationTokenSource closing = new();
    private readonly Task accepting;

    public LaneListener(EndPoint endPoint, SessionGate gate, TimeProvider time, ILogger logger, long? bytesPerSecond = null)
    {
        this.gate = gate;
        this.time = time;
        this.logger = logger;
        this.bytesPerSecond = bytesPerSecond;
        socket = LaneSockets.Create(endPoint);
        socket.Bind(endPoint);
        socket.Listen(64);
        accepting = Task.Run(AcceptAsync);
    }

    public EndPoint EndPoint => socket.LocalEndPoint!;

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync().ConfigureAwait(false);
        socket.Dispose();
        await accepting.ConfigureAwait(false);
    }

    private async Task AcceptAsync()
    {
        while (!closing.IsCancellationRequested)
        {
            try
            {
                var peer = await socket.AcceptAsync(closing.Token).ConfigureAwait(false);
                _ = Task.Run(() => WelcomeAsync(peer));
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // A peer that is gone again is no reason to stop accepting; a closed listener is.
            }
        }
    }

    private async Task WelcomeAsync(Socket peer)
    {
        using var patience = new CancellationTokenSource(HandshakePatience, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(closing.Token, patience.Token);
        var kept = false;
        try
        {
            LaneSockets.Tune(peer, peer.RemoteEndPoint);
            if (bytesPerSecond is { } most)
            {
                LaneSockets.Limit(peer, most);
            }

            var request = await LaneHandshake.ReceiveAsync(peer, linked.Token).ConfigureAwait(false);
            var (session, refusal) = await gate.AdmitAsync(request.Credentials, linked.Token).ConfigureAwait(false);
            refusal ??= SessionGate.RefusalOf(session!, request);
            if (refusal is not null)
            {
                ExchangeLog.Refused(logger, refusal);
                await LaneHandshake.AnswerAsync(peer, refusal, linked.Token).ConfigureAwait(false);
                return;
            }

            await LaneHandshake.AnswerAsync(peer, null, linked.Token).ConfigureAwait(false);
            var frame = session!.Frame;
            kept = session.Run(() =>
            {
                var stream = new OutgoingStream(
                    frame, request.Stream, (int)request.Credentials.Rank, request.FirstStep, session.StepFrom(request.FirstStep));
                session.Loop.Add(new LaneSender(peer, stream, frame.Key));
                return Task.CompletedTask;
            });
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            ExchangeLog.Refused(logger, error.Message);
        }
        finally
        {
            if (!kept)
            {
                peer.Dispose();
            }
        }
    }
}
