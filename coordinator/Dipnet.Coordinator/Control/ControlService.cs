using System.Reflection;
using Dipnet.Coordinator.Grains;
using Dipnet.Coordinator.Training;
using Dipnet.Protos;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dipnet.Coordinator.Control;

/// <summary>The workers' streams.</summary>
internal sealed partial class ControlService(IGrainFactory grains, IHostApplicationLifetime lifetime, ILogger<ControlService> logger)
    : Protos.Control.ControlBase
{
    private const uint HeartbeatMilliseconds = 250;
    private static readonly int Major = Assembly.GetExecutingAssembly().GetName().Version?.Major ?? 0;

    /// <summary>
    /// A worker's stream from its Hello to its end: places the worker (in its job, or in the pool), then passes messages both ways. Whatever
    /// ends the stream, the worker's job hears of it.
    /// </summary>
    public override async Task Attach(
        IAsyncStreamReader<WorkerMessage> requestStream, IServerStreamWriter<CoordinatorMessage> responseStream, ServerCallContext context)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        if (!await requestStream.MoveNext(ending.Token) || requestStream.Current.Hello is not { } hello)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "the first message of a worker must be its Hello"));
        }

        if (Refusal(hello) is { } refusal)
        {
            await responseStream.WriteAsync(new CoordinatorMessage { Welcome = new Welcome { Refusal = refusal } });
            return;
        }

        var connection = new WorkerConnection();
        var stream = grains.CreateObjectReference<IWorkerStream>(connection);
        var writing = WriteAsync(connection, responseStream, ending);
        var reason = "ended its stream";
        try
        {
            await PlaceAsync(hello, connection, stream);
            while (await requestStream.MoveNext(ending.Token))
            {
                await RouteAsync(hello, connection, stream, requestStream.Current);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or RpcException)
        {
            reason = "lost its connection";
        }
        finally
        {
            await connection.Close(reason);
            await ending.CancelAsync();
            await writing;
            await LeaveAsync(hello, connection, reason);
            GC.KeepAlive(connection);
            grains.DeleteObjectReference<IWorkerStream>(stream);
        }
    }

    private static string? Refusal(Hello hello)
    {
        if (hello.WorkerId.Length == 0)
        {
            return "worker_id is empty; every worker needs one of its own";
        }

        return Version.TryParse(hello.Version, out var version) && version.Major == Major
            ? null
            : $"worker version {(hello.Version.Length > 0 ? hello.Version : "(none)")} does not fit the coordinator's, whose major version is {Major}";
    }

    private async Task PlaceAsync(Hello hello, WorkerConnection connection, IWorkerStream stream)
    {
        if (hello.JobId.Length > 0)
        {
            connection.JobId = hello.JobId;
            switch (await grains.GetGrain<IJobGrain>(hello.JobId).Attach(hello.ToByteArray(), connection.Id, stream))
            {
                case Attachment.Member or Attachment.Ended:
                    return;
                default:
                    connection.Send(new CoordinatorMessage { Welcome = new Welcome { HeartbeatMilliseconds = HeartbeatMilliseconds, DropState = true } });
                    connection.Send(new CoordinatorMessage { Release = new Release { Reason = $"it is no member of job {hello.JobId} any more" } });
                    return;
            }
        }

        connection.Send(new CoordinatorMessage { Welcome = new Welcome { HeartbeatMilliseconds = HeartbeatMilliseconds } });
        await ToPoolAsync(hello, connection, stream);
    }

    private async Task RouteAsync(Hello hello, WorkerConnection connection, IWorkerStream stream, WorkerMessage message)
    {
        connection.IsLeaving |= message.KindCase == WorkerMessage.KindOneofCase.Leaving;
        if (connection.JobId is { } jobId)
        {
            await grains.GetGrain<IJobGrain>(jobId).Receive(hello.WorkerId, connection.Id, message.ToByteArray());
            return;
        }

        switch (message.KindCase)
        {
            case WorkerMessage.KindOneofCase.Heartbeat when message.Heartbeat.JobId.Length == 0 && connection is { IsPooled: false, IsLeaving: false }:
                await ToPoolAsync(hello, connection, stream);
                break;
            case WorkerMessage.KindOneofCase.Leaving:
                connection.IsPooled = true;
                await grains.GetGrain<IPoolGrain>(0).Gone(hello.WorkerId, connection.Id);
                connection.Send(new CoordinatorMessage { Release = new Release { Reason = message.Leaving.Reason } });
                break;
        }
    }

    private Task ToPoolAsync(Hello hello, WorkerConnection connection, IWorkerStream stream)
    {
        connection.IsPooled = true;
        var idle = hello.Clone();
        (idle.JobId, idle.Generation, idle.CommittedSteps) = ("", 0, 0);
        return grains.GetGrain<IPoolGrain>(0).Idle(hello.WorkerId, idle.ToByteArray(), connection.Id, stream);
    }

    private async Task WriteAsync(WorkerConnection connection, IServerStreamWriter<CoordinatorMessage> responseStream, CancellationTokenSource ending)
    {
        try
        {
            await foreach (var message in connection.Outgoing.ReadAllAsync(ending.Token))
            {
                await responseStream.WriteAsync(message, ending.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or IOException or RpcException)
        {
            LogStreamEnded(logger, connection.Id, e.GetType().Name);
        }

        // Nothing more will be sent, so the call ends: that is how a fenced worker learns of it.
        await ending.CancelAsync();
    }

    private async Task LeaveAsync(Hello hello, WorkerConnection connection, string reason)
    {
        // When the whole coordinator stops its workers are not to blame, and its grains may be gone.
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return;
        }

        await grains.GetGrain<IPoolGrain>(0).Gone(hello.WorkerId, connection.Id);
        if (connection.JobId is { } jobId)
        {
            await grains.GetGrain<IJobGrain>(jobId).Lost(hello.WorkerId, connection.Id, reason);
        }
    }

    [LoggerMessage(EventId = 10, Level = LogLevel.Debug, Message = "Stream {Connection} ended: {Error}")]
    private static partial void LogStreamEnded(ILogger logger, Guid connection, string error);
}
