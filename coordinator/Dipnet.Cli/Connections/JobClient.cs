using System.Runtime.CompilerServices;
using Dipnet.Cli.Hosting;
using Dipnet.Protos;
using Grpc.Core;
using Grpc.Net.Client;

namespace Dipnet.Cli.Connections;

/// <summary>
/// Talks to a coordinator about jobs. Calls end with a <see cref="CommandException"/> that says what the user can do; <see cref="WatchAsync"/>
/// outlives a coordinator that is away for a while.
/// </summary>
internal sealed class JobClient(Uri coordinator, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(coordinator, new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler { KeepAlivePingDelay = TimeSpan.FromSeconds(10), KeepAlivePingTimeout = TimeSpan.FromSeconds(5) },
        DisposeHttpClient = true,
        // Left alone a channel waits up to two minutes between tries of a coordinator that was away.
        InitialReconnectBackoff = TimeSpan.FromMilliseconds(100),
        MaxReconnectBackoff = TimeSpan.FromSeconds(1),
    });

    /// <summary>How long a coordinator may be away before <see cref="WatchAsync"/> gives up.</summary>
    public TimeSpan LongestAbsence { get; init; } = TimeSpan.FromSeconds(60);

    private Jobs.JobsClient Jobs => new(_channel);

    public Task<SubmitReply> SubmitAsync(SubmitRequest request, CancellationToken cancellation) =>
        CallAsync(options => Jobs.SubmitAsync(request, options), cancellation);

    public Task<JobSnapshot> GetAsync(string job, CancellationToken cancellation) =>
        CallAsync(options => Jobs.GetAsync(new JobRequest { JobId = job }, options), cancellation);

    public Task<ListReply> ListAsync(uint limit, CancellationToken cancellation) =>
        CallAsync(options => Jobs.ListAsync(new ListRequest { Limit = limit }, options), cancellation);

    public Task<JobSnapshot> CancelAsync(string job, CancellationToken cancellation) =>
        CallAsync(options => Jobs.CancelAsync(new JobRequest { JobId = job }, options), cancellation);

    /// <summary>Ends the job as failed.</summary>
    public Task<JobSnapshot> FailAsync(string job, string reason, CancellationToken cancellation) =>
        CallAsync(options => Jobs.CancelAsync(new JobRequest { JobId = job, Failure = reason }, options), cancellation);

    public Task<JobSnapshot> ScaleAsync(string job, uint workers, CancellationToken cancellation) =>
        CallAsync(options => Jobs.ScaleAsync(new ScaleRequest { JobId = job, Workers = workers }, options), cancellation);

    /// <summary>Snapshots until the job has ended; the last one is final.</summary>
    public async IAsyncEnumerable<JobSnapshot> WatchAsync(string job, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var lastHeard = time.GetTimestamp();
        while (true)
        {
            using var call = Jobs.Watch(new JobRequest { JobId = job }, new CallOptions(cancellationToken: cancellation));
            var final = false;
            while (await NextAsync(call.ResponseStream, () => time.GetElapsedTime(lastHeard), cancellation))
            {
                lastHeard = time.GetTimestamp();
                final = JobState.IsFinal(call.ResponseStream.Current);
                yield return call.ResponseStream.Current;
            }

            if (final)
            {
                yield break;
            }

            await Task.Delay(Pause, time, cancellation);
        }
    }

    public void Dispose() => _channel.Dispose();

    /// <summary>False when the stream ended or broke and may be opened again.</summary>
    private async Task<bool> NextAsync(IAsyncStreamReader<JobSnapshot> stream, Func<TimeSpan> silence, CancellationToken cancellation)
    {
        try
        {
            return await stream.MoveNext(cancellation);
        }
        catch (RpcException exception) when (exception.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled
            && !cancellation.IsCancellationRequested && silence() < LongestAbsence)
        {
            return false;
        }
        catch (RpcException exception)
        {
            cancellation.ThrowIfCancellationRequested();
            throw Explain(exception);
        }
    }

    private async Task<T> CallAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellation)
    {
        try
        {
            var deadline = time.GetUtcNow().UtcDateTime + Deadline;
            return await call(new CallOptions(deadline: deadline, cancellationToken: cancellation));
        }
        catch (RpcException exception)
        {
            cancellation.ThrowIfCancellationRequested();
            throw Explain(exception);
        }
    }

    private CommandException Explain(RpcException exception) => exception.StatusCode switch
    {
        StatusCode.InvalidArgument => new(ExitCode.Configuration, exception.Status.Detail),
        StatusCode.NotFound => new(ExitCode.Configuration, exception.Status.Detail),
        StatusCode.FailedPrecondition => new(ExitCode.Failed, exception.Status.Detail),
        StatusCode.Unavailable => new(ExitCode.Failed, $"no coordinator answers at {coordinator}: start one with `dipnet serve`, or name it with --coordinator"),
        StatusCode.DeadlineExceeded => new(ExitCode.Failed, $"the coordinator at {coordinator} did not answer within {Deadline.TotalSeconds} s"),
        _ => new(ExitCode.Failed, $"the coordinator at {coordinator} answered {exception.StatusCode}: {exception.Status.Detail}"),
    };
}
