using System.Threading.Channels;
using Dipnet.Protos;
using Grpc.Core;
using Grpc.Net.Client;

namespace Dipnet.Coordinator.Tests.Workers;

/// <summary>A worker as the protocol wants it, driven by a test: what it is told can be awaited, what it says is the test's.</summary>
internal sealed class FakeWorker : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private GrpcChannel _channel;
    private readonly CancellationTokenSource _ending = new();
    private readonly List<CoordinatorMessage> _skipped = [];
    private Channel<CoordinatorMessage> _inbox = Channel.CreateUnbounded<CoordinatorMessage>();
    private AsyncDuplexStreamingCall<WorkerMessage, CoordinatorMessage>? _call;
    private Task _reading = Task.CompletedTask;

    public FakeWorker(Uri control, string id)
    {
        _channel = GrpcChannel.ForAddress(control);
        Id = id;
    }

    public string Id { get; }
    public string JobId { get; private set; } = "";
    public Join? Job { get; private set; }
    public ulong Generation { get; private set; }
    public ulong Committed { get; set; }
    public bool HasState { get; set; }
    public Plan? CurrentPlan { get; private set; }
    public uint Rank => CurrentPlan!.Members.Single(m => m.WorkerId == Id).Rank;

    /// <param name="version">Of the program.</param>
    /// <param name="keepOld">The stream before stays open, as one does whose other end has given it up behind a network that says nothing.</param>
    public async Task<FakeWorker> ConnectAsync(string version = "0.1.0", bool keepOld = false)
    {
        if (!keepOld)
        {
            _call?.Dispose();
        }

        _inbox = Channel.CreateUnbounded<CoordinatorMessage>();
        _skipped.Clear();
        _call = new Protos.Control.ControlClient(_channel).Attach(cancellationToken: _ending.Token);
        _reading = ReadAsync(_call, _inbox.Writer);
        await SayAsync(new WorkerMessage
        {
            Hello = new Hello
            {
                WorkerId = Id, Host = "here", HostIdentity = "one", ProcessId = 1, Device = "cpu", Endpoints = new Endpoints { Grpc = $"http://{Id}" },
                Version = version, JobId = JobId, Generation = Generation, CommittedSteps = Committed,
            },
        });
        return this;
    }

    /// <summary>The coordinator is at another address now.</summary>
    public void MoveTo(Uri control)
    {
        _channel.Dispose();
        _channel = GrpcChannel.ForAddress(control);
    }

    public Task SayAsync(WorkerMessage message) => _call!.RequestStream.WriteAsync(message);

    /// <summary>The next message of the kind; others that come before are kept for later.</summary>
    public async Task<CoordinatorMessage> HearAsync(CoordinatorMessage.KindOneofCase kind)
    {
        if (_skipped.Find(m => m.KindCase == kind) is { } kept)
        {
            _skipped.Remove(kept);
            return Note(kept);
        }

        using var limit = new CancellationTokenSource(Deadline);
        try
        {
            await foreach (var message in _inbox.Reader.ReadAllAsync(limit.Token))
            {
                if (message.KindCase == kind)
                {
                    return Note(message);
                }

                _skipped.Add(message);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"worker {Id} heard no {kind}, but {string.Join(", ", _skipped.Select(m => m.KindCase))}");
        }

        throw new InvalidOperationException($"worker {Id}: the stream ended before {kind}; heard {string.Join(", ", _skipped.Select(m => m.KindCase))}");
    }

    public async Task<Welcome> WelcomeAsync() => (await HearAsync(CoordinatorMessage.KindOneofCase.Welcome)).Welcome;

    public async Task<Join> JoinAsync() => (await HearAsync(CoordinatorMessage.KindOneofCase.Join)).Join;

    public async Task<Fence> FenceAsync() => (await HearAsync(CoordinatorMessage.KindOneofCase.Fence)).Fence;

    public async Task<Plan> PlanAsync() => (await HearAsync(CoordinatorMessage.KindOneofCase.Plan)).Plan;

    public async Task<Stop> StopAsync() => (await HearAsync(CoordinatorMessage.KindOneofCase.Stop)).Stop;

    public async Task<Release> ReleaseAsync() => (await HearAsync(CoordinatorMessage.KindOneofCase.Release)).Release;

    /// <summary>The stream's end, as a worker that is dropped sees it.</summary>
    public async Task EndAsync()
    {
        using var limit = new CancellationTokenSource(Deadline);
        while (await _inbox.Reader.WaitToReadAsync(limit.Token))
        {
            _inbox.Reader.TryRead(out _);
        }
    }

    public Task BeatAsync(Phase phase, params uint[] waitingFor)
    {
        var beat = new Heartbeat { JobId = JobId, Generation = Generation, CommittedSteps = Committed, Phase = phase };
        beat.WaitingFor.AddRange(waitingFor);
        return SayAsync(new WorkerMessage { Heartbeat = beat });
    }

    public Task StandAsync(ulong generation, params uint[] held)
    {
        var standing = new Standing { JobId = JobId, Generation = generation, HasState = HasState, CommittedSteps = Committed };
        standing.HeldMicrobatches.AddRange(held);
        return SayAsync(new WorkerMessage { Standing = standing });
    }

    /// <summary>Answers the next fence and takes the plan that follows: afterwards it has the plan's state.</summary>
    public async Task<Plan> TakePartAsync(params uint[] held)
    {
        var fence = await FenceAsync();
        await StandAsync(fence.Generation, held);
        return await TakePlanAsync();
    }

    public async Task<Plan> TakePlanAsync()
    {
        var plan = await PlanAsync();
        (CurrentPlan, Generation, Committed, HasState) = (plan, plan.Generation, plan.CommittedSteps, true);
        return plan;
    }

    /// <summary>Trains to a step and reports each, with a loss that depends on the microbatch alone.</summary>
    public async Task TrainToAsync(ulong steps)
    {
        var reports = new StepReports { JobId = JobId, Generation = Generation };
        for (var step = Committed; step < steps; step++)
        {
            var report = new StepReport { Step = step, Rank = Rank, LearningRate = 0.1f, Seconds = new PhaseSeconds { Step = 0.01, Compute = 0.008 } };
            for (var m = 0u; m < Job!.Job.Microbatches; m++)
            {
                if (OwnerOf(m, step) == Rank)
                {
                    report.Losses.Add(new MicrobatchLoss { Microbatch = m, Loss = Loss(step, m), Nll = Loss(step, m), Samples = 4 });
                }
            }

            reports.Steps.Add(report);
        }

        Committed = steps;
        await SayAsync(new WorkerMessage { Steps = reports });
    }

    public Task FinishAsync(string digest = "aa", ulong correct = 8) => SayAsync(new WorkerMessage
    {
        Finished = new Finished
        {
            JobId = JobId, Generation = Generation, CommittedSteps = Committed, WeightsSha256 = digest, Transport = "shm", Traffic = new Traffic { Weights = 100, Projections = 10 },
            Eval = new EvalCounts { Samples = 10, Correct = correct, NoiseCorrect = correct - 1, Attacked = 5, AttackCorrect = 2 },
            Sigma = { new LayerSigma { Layer = "blocks.0", Mean = 0.1, Min = 0.05, Max = 0.2 } },
        },
    });

    /// <summary>Writes a shard of the step that it is at, as the worker does, and reports it; with an error it writes none.</summary>
    public async Task WriteShardAsync(int world, string error = "")
    {
        var folder = Path.Combine(Job!.RunFolder, "checkpoints", $"step-{Committed:00000000}");
        var file = $"shard-{Rank:00}-of-{world:00}.safetensors";
        var shard = new ShardWritten { JobId = JobId, Generation = Generation, CommittedSteps = Committed, Rank = Rank, World = (uint)world, File = file, Error = error };
        if (error.Length == 0)
        {
            byte[] content = [(byte)Rank, (byte)Committed];
            Directory.CreateDirectory(folder);
            await File.WriteAllBytesAsync(Path.Combine(folder, file), content);
            (shard.Bytes, shard.Sha256) = ((ulong)content.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)));
        }

        await SayAsync(new WorkerMessage { Shard = shard });
    }

    public static double Loss(ulong step, uint microbatch) => 2.0 / (1 + step) + microbatch * 0.01;

    /// <summary>Breaks the connection, as a killed process does.</summary>
    public async Task KillAsync()
    {
        _call!.Dispose();
        await _reading;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _call?.Dispose();
        await _reading;
        _channel.Dispose();
        _ending.Dispose();
    }

    private uint OwnerOf(uint microbatch, ulong step)
    {
        var plan = CurrentPlan!;
        return step == plan.CommittedSteps ? plan.Owners[(int)microbatch] : (uint)Enumerable.Range(0, plan.Members.Count)
            .First(r => microbatch < (r + 1) * plan.Owners.Count / plan.Members.Count);
    }

    private CoordinatorMessage Note(CoordinatorMessage message)
    {
        switch (message.KindCase)
        {
            case CoordinatorMessage.KindOneofCase.Join:
                (Job, JobId, Committed, HasState, Generation) = (message.Join, message.Join.JobId, 0, false, 0);
                break;
            case CoordinatorMessage.KindOneofCase.Stop or CoordinatorMessage.KindOneofCase.Release:
                (JobId, Committed, HasState, Generation) = ("", 0, false, 0);
                break;
        }

        return message;
    }

    private static async Task ReadAsync(AsyncDuplexStreamingCall<WorkerMessage, CoordinatorMessage> call, ChannelWriter<CoordinatorMessage> inbox)
    {
        try
        {
            await foreach (var message in call.ResponseStream.ReadAllAsync())
            {
                inbox.TryWrite(message);
            }
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The stream's end is what the test waits for.
        }
        finally
        {
            inbox.TryComplete();
        }
    }
}
