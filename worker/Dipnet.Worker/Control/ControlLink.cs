using Dipnet.Protos;
using Dipnet.Worker.Hosting;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;

namespace Dipnet.Worker.Control;

/// <summary>
/// The stream to the coordinator: Hello, heartbeats and reports out, commands into the <see cref="Mailbox"/>. Connects again for ever when it breaks; training
/// does not notice. Messages wait in the <see cref="Outbox"/> meanwhile.
/// </summary>
internal sealed partial class ControlLink(
    ControlLinkOptions options, Func<Hello> hello, WorkerProgress progress, Mailbox mailbox, TimeProvider time, ILogger logger) : IReporter
{
    private readonly Outbox _outbox = new();
    private long _rounds;

    public void Send(WorkerMessage message) => _outbox.Send(message);

    public void Report(ulong generation, StepReport step) => _outbox.Report(progress.Job, generation, step);

    public void Log(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
        _outbox.Log(line);
    }

    /// <summary>Keeps the stream until cancelled. Returns the refusal when the coordinator does not want this worker, else null.</summary>
    public async Task<string?> RunAsync(CancellationToken cancellation)
    {
        using var channel = Channels.ToCoordinator(options.Coordinator);
        var client = new Protos.Control.ControlClient(channel);
        var pause = options.FirstPause;
        string? said = null;
        while (true)
        {
            try
            {
                var refusal = await AttachAsync(client, () => (pause, said) = (options.FirstPause, null), cancellation);
                if (refusal is not null)
                {
                    return refusal;
                }
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested && e is RpcException or IOException or OperationCanceledException or InvalidOperationException)
            {
                // Once for each reason: a coordinator that is away for an hour fills no log.
                var reason = e is RpcException { Status: var status } ? status.DebugException?.GetBaseException().Message ?? status.Detail : e.Message;
                if (reason != said)
                {
                    said = reason;
                    Broken(logger, options.Coordinator, reason);
                }
            }

            await Task.Delay(pause, time, cancellation);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, options.LongestPause.Ticks));
        }
    }

    /// <summary>Waits until what was sent before this call is written, or the time is up; for the last words of a worker.</summary>
    public async Task FlushAsync(TimeSpan most)
    {
        var start = time.GetTimestamp();
        var target = Interlocked.Read(ref _rounds) + 2;
        while (Interlocked.Read(ref _rounds) < target && time.GetElapsedTime(start) < most)
        {
            await Task.Delay(options.BatchInterval / 4, time);
        }
    }

    private async Task<string?> AttachAsync(Protos.Control.ControlClient client, Action connected, CancellationToken cancellation)
    {
        using var life = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var call = client.Attach(cancellationToken: life.Token);
        using var deadline = new CancellationTokenSource(options.ConnectDeadline, time);
        using (deadline.Token.Register(life.Cancel))
        {
            await call.RequestStream.WriteAsync(new WorkerMessage { Hello = hello() }, life.Token);
            if (!await call.ResponseStream.MoveNext(life.Token))
            {
                throw new IOException("the stream ended before the Welcome");
            }
        }

        if (call.ResponseStream.Current is not { KindCase: CoordinatorMessage.KindOneofCase.Welcome, Welcome: var welcome })
        {
            throw new IOException($"the first message was {call.ResponseStream.Current.KindCase}, not Welcome");
        }

        if (welcome.Refusal.Length > 0)
        {
            return welcome.Refusal;
        }

        if (welcome.DropState)
        {
            mailbox.PostDropState();
        }

        connected();
        Connected(logger, options.Coordinator);
        _outbox.Reconnected();
        var receive = ReceiveAsync(call.ResponseStream, life.Token);
        var send = SendAsync(call.RequestStream, TimeSpan.FromMilliseconds(Math.Max(50, welcome.HeartbeatMilliseconds)), life.Token);
        var first = await Task.WhenAny(receive, send);
        await life.CancelAsync();
        await Task.WhenAll(receive, send).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await first;
        throw new IOException("the coordinator ended the stream");
    }

    private async Task ReceiveAsync(IAsyncStreamReader<CoordinatorMessage> stream, CancellationToken cancellation)
    {
        while (await stream.MoveNext(cancellation))
        {
            switch (stream.Current.KindCase)
            {
                case CoordinatorMessage.KindOneofCase.Published:
                    _outbox.ForgetShards(stream.Current.Published.CommittedSteps);
                    continue;
                case CoordinatorMessage.KindOneofCase.Welcome:
                case CoordinatorMessage.KindOneofCase.None:
                    continue;
                case CoordinatorMessage.KindOneofCase.Plan:
                    _outbox.ForgetStanding();
                    break;
                case CoordinatorMessage.KindOneofCase.Stop:
                case CoordinatorMessage.KindOneofCase.Release:
                    _outbox.ForgetJob();
                    break;
            }

            mailbox.Post(stream.Current);
        }
    }

    // Reports and log lines wait for the tick, so that many short steps make one message; other messages wake the loop.
    private async Task SendAsync(IClientStreamWriter<WorkerMessage> stream, TimeSpan heartbeat, CancellationToken cancellation)
    {
        var beat = time.GetTimestamp();
        var first = true;
        while (true)
        {
            if (first || time.GetElapsedTime(beat) >= heartbeat)
            {
                first = false;
                beat = time.GetTimestamp();
                await stream.WriteAsync(new WorkerMessage { Heartbeat = progress.ToHeartbeat(ProcessFacts.ResidentBytes()) }, cancellation);
            }

            foreach (var message in _outbox.Drain())
            {
                await stream.WriteAsync(message, cancellation);
            }

            Interlocked.Increment(ref _rounds);
            await _outbox.WaitAsync(options.BatchInterval < heartbeat ? options.BatchInterval : heartbeat, cancellation);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "connected to the coordinator at {Address}")]
    private static partial void Connected(ILogger logger, Uri address);

    [LoggerMessage(2, LogLevel.Warning, "no stream to the coordinator at {Address}: {Reason}; trying again until it answers")]
    private static partial void Broken(ILogger logger, Uri address, string reason);
}
