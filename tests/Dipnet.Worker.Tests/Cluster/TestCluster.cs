using Dipnet.Protos;
using Dipnet.Worker.Devices;
using Dipnet.Worker.Training;
using static TorchSharp.torch;

namespace Dipnet.Worker.Tests.Cluster;

/// <summary>
/// Workers in one process and the few decisions of a coordinator that a job needs: fence when the members change, plan when all stand, stop when all have
/// finished. What happens is deterministic for the workers' results, not in time.
/// </summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly object _gate = new();
    private readonly List<TestWorker> _all = [];
    private readonly List<TestWorker> _members = [];
    private readonly Dictionary<TestWorker, Standing> _standings = [];
    private readonly Dictionary<TestWorker, Finished> _finished = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TestFolder _folder = new();
    private readonly JobSpec _job;
    private ulong _generation;

    public TestCluster(JobSpec job) => _job = job;

    public string RunFolder => Kept ?? _folder.Path;

    /// <summary>The run's folder, where it shall outlive the run; null: one that goes with it.</summary>
    public string? Kept { get; set; }

    public List<StepReport> Steps { get; } = [];

    public List<ShardWritten> Shards { get; } = [];

    public List<Fault> Faults { get; } = [];

    public List<DigestReport> Digests { get; } = [];

    public List<TestWorker> Dead { get; } = [];

    /// <summary>Called with every step report, under no lock of the caller's.</summary>
    public Action<StepReport>? OnStep { get; set; }

    /// <summary>Called with every plan before the workers get it, under the cluster's lock.</summary>
    public Action<Plan>? OnPlan { get; set; }

    /// <summary>Called with every line that a worker logs.</summary>
    public Action<string>? OnLine { get; set; }

    /// <summary>Folder and step that the first plan names.</summary>
    public (string Folder, ulong Step)? Checkpoint { get; set; }

    /// <summary>How workers reach their device; by default there is nothing to copy.</summary>
    public Func<Device, Accelerator?> Accelerators { get; set; } = Accelerator.Of;

    public IReadOnlyCollection<Finished> Finished => _finished.Values;

    /// <summary>The one digest that all workers ended with.</summary>
    public string Sha256 => Assert.Single(Finished.Select(f => f.WeightsSha256).Distinct());

    public EvalCounts Eval => Finished.Select(f => f.Eval).Aggregate(new EvalCounts(), (sum, e) =>
    {
        sum.Samples += e.Samples;
        sum.Correct += e.Correct;
        sum.NoiseCorrect += e.NoiseCorrect;
        sum.Attacked += e.Attacked;
        sum.AttackCorrect += e.AttackCorrect;
        return sum;
    });

    /// <summary>Trains a job on <paramref name="workers"/> workers to the end.</summary>
    /// <param name="job">What to train.</param>
    /// <param name="workers">How many.</param>
    /// <param name="faults">By worker; null: none.</param>
    /// <param name="prepare">Before the start.</param>
    public static async Task<TestCluster> RunAsync(JobSpec job, int workers, string?[]? faults = null, Action<TestCluster>? prepare = null)
    {
        var cluster = new TestCluster(job);
        try
        {
            prepare?.Invoke(cluster);
            for (var i = 0; i < workers; i++)
            {
                await cluster.AddAsync(faults?[i]);
            }

            cluster.Fence("start");
            await cluster._done.Task.WaitAsync(Patience);
            return cluster;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(string.Join('\n', cluster._all.SelectMany(w => w.Lines.Select(l => $"{w.Id}: {l}"))));
        }
        finally
        {
            await cluster.DisposeAsync();
        }
    }

    /// <summary>A new worker; it takes part from the next fence on.</summary>
    public async Task AddAsync(string? fault = null)
    {
        var worker = await TestWorker.StartAsync(this, $"w{_all.Count}");
        var join = new Join { JobId = "job", Job = _job, RunFolder = RunFolder };
        join.Faults.AddRange(fault is null ? [] : [fault]);
        worker.Tell(new CoordinatorMessage { Join = join });
        lock (_gate)
        {
            _all.Add(worker);
            _members.Add(worker);
        }
    }

    public void Fence(string reason)
    {
        lock (_gate)
        {
            _generation++;
            _standings.Clear();
            _finished.Clear();
            foreach (var member in _members)
            {
                member.Tell(new CoordinatorMessage { Fence = new Fence { JobId = "job", Generation = _generation, Reason = reason } });
            }
        }
    }

    public void Receive(TestWorker worker, WorkerMessage message)
    {
        lock (_gate)
        {
            switch (message.KindCase)
            {
                case WorkerMessage.KindOneofCase.Steps:
                    Steps.AddRange(message.Steps.Steps);
                    break;
                case WorkerMessage.KindOneofCase.Shard:
                    Shards.Add(message.Shard);
                    break;
                case WorkerMessage.KindOneofCase.Digest:
                    Digests.Add(message.Digest);
                    break;
                case WorkerMessage.KindOneofCase.Standing when message.Standing.Generation == _generation:
                    _standings[worker] = message.Standing;
                    PlanWhenAllStand();
                    break;
                case WorkerMessage.KindOneofCase.Finished when message.Finished.Generation == _generation:
                    _finished[worker] = message.Finished;
                    StopWhenAllFinished();
                    break;
                case WorkerMessage.KindOneofCase.Fault:
                    Faults.Add(message.Fault);
                    if (message.Fault.Kind != "internal")
                    {
                        _done.TrySetResult();
                    }

                    break;
            }
        }

        if (message.KindCase == WorkerMessage.KindOneofCase.Steps)
        {
            OnStep?.Invoke(message.Steps.Steps[0]);
        }
    }

    public void Ended(TestWorker worker)
    {
        lock (_gate)
        {
            if (_done.Task.IsCompleted || !_members.Remove(worker))
            {
                return;
            }

            Dead.Add(worker);
        }

        Fence($"{worker.Id} is gone");
    }

    public async ValueTask DisposeAsync()
    {
        _done.TrySetResult();
        foreach (var worker in _all)
        {
            await worker.DisposeAsync();
        }

        _folder.Dispose();
    }

    private void PlanWhenAllStand()
    {
        if (_standings.Count < _members.Count)
        {
            return;
        }

        var plan = new Plan { JobId = "job", Generation = _generation, Token = Google.Protobuf.ByteString.CopyFromUtf8("secret") };
        var holders = _members.Where(m => _standings[m].HasState).ToList();
        plan.CommittedSteps = holders.Count > 0 ? holders.Max(m => _standings[m].CommittedSteps) : Checkpoint?.Step ?? 0;
        plan.Checkpoint = holders.Count > 0 ? "" : Checkpoint?.Folder ?? "";
        holders.RemoveAll(m => _standings[m].CommittedSteps < plan.CommittedSteps);
        var owners = Enumerable.Repeat(-1, (int)_job.Microbatches).ToArray();
        for (var rank = 0; rank < _members.Count; rank++)
        {
            plan.Members.Add(new Member { Rank = (uint)rank, WorkerId = _members[rank].Id, HostIdentity = Exchange.HostIdentities.Current(), Endpoints = _members[rank].Exchange.Endpoints });
            if (holders.Contains(_members[rank]))
            {
                plan.StateSources.Add((uint)rank);
                foreach (var microbatch in _standings[_members[rank]].HeldMicrobatches)
                {
                    owners[microbatch] = rank;
                }
            }
        }

        var next = 0;
        plan.Owners.AddRange(owners.Select(o => (uint)(o >= 0 ? o : next++ % _members.Count)));
        OnPlan?.Invoke(plan);
        foreach (var member in _members)
        {
            member.Tell(new CoordinatorMessage { Plan = plan });
        }
    }

    private void StopWhenAllFinished()
    {
        if (_finished.Count == _members.Count)
        {
            _done.TrySetResult();
            foreach (var member in _members)
            {
                member.Tell(new CoordinatorMessage { Stop = new Stop { JobId = "job", Status = "completed" } });
            }
        }
    }
}
