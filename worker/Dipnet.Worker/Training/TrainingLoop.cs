using System.Diagnostics;
using Dipnet.Exchange;
using Dipnet.Protos;
using Dipnet.Worker.Checkpoints;
using Dipnet.Worker.Control;
using Dipnet.Worker.Data;
using Dipnet.Worker.Devices;
using Dipnet.Worker.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Training;

/// <summary>
/// One job on this worker: model, flat state, gradient arena, and the loop over steps. Survives changes of the membership: what is computed of the uncommitted
/// step is kept from one plan to the next. Training thread only.
/// </summary>
internal sealed unsafe class TrainingLoop : IDisposable
{
    private readonly WorkerContext _context;
    private readonly string _jobId;
    private readonly JobSpec _job;
    private readonly IWorkload _workload;
    private readonly TrainingState _state;
    private readonly GradientArena _arena;
    private readonly TrainingMemory _memory;
    private readonly LeafSums _sums;
    private readonly LeafRunner _leaves;
    private readonly StepUpdate _update;
    private readonly CheckpointWriter _checkpoints;
    private readonly Drill _drill;
    private readonly StateRecovery _recovery;
    private readonly int _microbatches;
    private ExchangeSession? _session;
    private bool _hasState;
    private Traffic _traffic = new();
    private double _checkpointSeconds;

    /// <exception cref="ArgumentException">The job does not fit its data or this worker; the message says why.</exception>
    /// <exception cref="DataException">The data set is missing or damaged.</exception>
    public TrainingLoop(WorkerContext context, Join join)
    {
        (_context, _jobId, _job) = (context, join.JobId, join.Job);
        _drill = new Drill(join.Faults, context.Reporter, context.Signal, FlipBit);
        torch.set_num_threads((int)Math.Max(1, _job.ThreadsPerWorker));
        _workload = context.Workloads(_job, context.Device);
        if (_workload.RunningState.Count > 0)
        {
            throw new ArgumentException($"the model has {_workload.RunningState.Count} running-state buffers (batch norm); use a model without them (layer or group norm)");
        }

        _microbatches = (int)_job.Microbatches;
        var layout = new ParameterLayout(_workload.Parameters.Select(p => (p.Name, p.Parameter.shape, p.Group, p.Stage)));
        _state = new TrainingState(layout, FlatOptimizer.NeedsSecondMoment(_job.Optimizer));
        _arena = new GradientArena(layout.Gradients(Math.Max(1, _job.Exchange?.BucketMib ?? 25) * (1L << 20)), LeafSums.SlotsFor(_microbatches));
        _memory = TrainingMemory.Of(_workload.Parameters, _state, _arena, _job.Optimizer, context.Device, context.Accelerators(context.Device));
        _sums = new LeafSums(_microbatches);
        var order = new SampleOrder(_workload.TrainingSamples, _job.Seed, (int)_job.GlobalBatch, _microbatches);
        _leaves = new LeafRunner(
            _workload, order, layout, _arena, _memory.Staging, _sums, _drill, context.Progress, _job.Dipnet is { Enabled: true } d ? d.Gamma : 0);
        _update = new StepUpdate(_job, layout, _memory, _drill);
        _checkpoints = new CheckpointWriter(_jobId, join.RunFolder, _state, context.Reporter);
        _recovery = new StateRecovery(context, _job, _state);
        context.Progress.Traffic = _traffic;
        context.Reporter.Log(
            $"job {_jobId}: {_job.Model.Kind}, {layout.Places.Sum(p => p.Count):N0} parameters in {layout.Places.Count} tensors, "
            + $"{_arena.Layout.Buckets.Count} buckets, {_microbatches} microbatches of {order.MicrobatchSize} samples, {_job.Steps} steps");
    }

    public string JobId => _jobId;

    /// <summary>Ends the exchange of the plan in force and says what this worker has.</summary>
    public Standing Stand(ulong generation)
    {
        CloseSession();
        var standing = new Standing { JobId = _jobId, Generation = generation, HasState = _hasState, CommittedSteps = _hasState ? _state.CommittedSteps : 0 };
        if (_hasState)
        {
            standing.HeldMicrobatches.AddRange(_sums.Held.Select(m => (uint)m));
        }

        return standing;
    }

    /// <summary>What this worker holds is no longer the job's.</summary>
    public void DropState()
    {
        CloseSession();
        _hasState = false;
        _sums.Clear();
    }

    /// <summary>
    /// Trains under a plan: 1. opens the exchange, 2. catches up, 3. step by step computes leaves, exchanges, updates, commits, reports, 4. at the end writes the
    /// final checkpoint, evaluates its part of the test set and says so. Returns early when interrupted; then a command waits.
    /// </summary>
    /// <exception cref="NonFiniteException">A loss or gradient is not finite; the step is not committed.</exception>
    /// <exception cref="CheckpointException">The plan's checkpoint cannot be used.</exception>
    public void Train(Plan plan, CancellationToken interrupt)
    {
        var rank = (int)(plan.Members.FirstOrDefault(m => m.WorkerId == _context.WorkerId)
            ?? throw new ArgumentException($"the plan of generation {plan.Generation} does not name worker {_context.WorkerId}")).Rank;
        var world = plan.Members.Count;
        var progress = _context.Progress;
        progress.Generation = plan.Generation;
        progress.Phase = Phase.CatchingUp;
        var options = SessionOptions(plan, rank);
        // Whoever joins may ask for it from now on.
        _memory.ToHost();
        var session = Open(options);
        if (!CatchUp(plan, options, rank, interrupt))
        {
            return;
        }

        _checkpoints.Prepare(rank, world);
        progress.CommittedSteps = _state.CommittedSteps;
        progress.WaitingFor = () => session.WaitingFor;
        _context.Reporter.Log($"generation {plan.Generation}: rank {rank} of {world}, goes on at step {_state.CommittedSteps}");
        IReadOnlyList<int> owners = plan.Owners.Select(o => (int)o).ToArray();
        while (_state.CommittedSteps < _job.Steps)
        {
            if (!Step(session, plan.Generation, owners, rank, interrupt))
            {
                Count(new Traffic { Repeated = session.UnfinishedBytes });
                return;
            }

            _context.Leave.TellWhenRequested();
            AfterCommit(plan.Generation, rank, world);
            owners = ReductionTree.ContiguousOwners(_microbatches, world);
        }

        Finish(session, plan.Generation, rank, world, interrupt);
    }

    public void Dispose()
    {
        CloseSession();
        _checkpoints.Dispose();
        _memory.Dispose();
        _workload.Dispose();
        _arena.Dispose();
        _state.Dispose();
    }

    private bool Step(ExchangeSession session, ulong generation, IReadOnlyList<int> owners, int rank, CancellationToken interrupt)
    {
        var begin = Stopwatch.GetTimestamp();
        var step = _state.CommittedSteps;
        var progress = _context.Progress;
        progress.MicrobatchesDone = 0;
        progress.Phase = Phase.Compute;
        var report = new StepReport { Step = step, Rank = (uint)rank };
        if (!_leaves.Run(session, step, owners, rank, interrupt, report))
        {
            return false;
        }

        _drill.At(rank, step, DrillPhase.Reduce);
        progress.Phase = Phase.Exchange;
        var wait = Stopwatch.GetTimestamp();
        if (session.Wait(interrupt) is not StepOutcome.Reduced)
        {
            return false;
        }

        var exposed = Stopwatch.GetElapsedTime(wait).TotalSeconds;
        _drill.At(rank, step, DrillPhase.Gather);
        progress.Phase = Phase.Optimizer;
        var update = Stopwatch.GetTimestamp();
        var gradient = new ReducedGradient(session.Reduced, session.IsAlone ? _sums.Root : null);
        // A device sums up where leaves lie.
        _sums.Clear();
        _update.Apply(gradient, step, rank, report);
        _state.CommittedSteps = step + 1;
        progress.CommittedSteps = step + 1;

        var counters = session.Counters;
        report.WeightsBytes = counters.WeightsBytes;
        report.ProjectionsBytes = counters.ProjectionsBytes;
        Count(new Traffic { Weights = counters.WeightsBytes, Projections = counters.ProjectionsBytes });
        report.Seconds = new PhaseSeconds
        {
            Data = _leaves.Seconds.Data,
            Compute = _leaves.Seconds.Compute,
            ExchangeHidden = counters.HiddenSeconds,
            ExchangeExposed = exposed,
            Optimizer = Stopwatch.GetElapsedTime(update).TotalSeconds,
            Checkpoint = _checkpointSeconds,
            Step = Stopwatch.GetElapsedTime(begin).TotalSeconds + _checkpointSeconds,
        };
        _checkpointSeconds = 0;
        if (rank == 0 && step % 10 == 0)
        {
            report.Sigma.AddRange(_workload.Sigma());
        }

        _context.Reporter.Report(generation, report);
        return true;
    }

    private void AfterCommit(ulong generation, int rank, int world)
    {
        var committed = _state.CommittedSteps;
        if (_job.Checkpoint is { EverySteps: > 0 } policy && committed % policy.EverySteps == 0 && committed < _job.Steps)
        {
            _context.Progress.Phase = Phase.Checkpoint;
            var begin = Stopwatch.GetTimestamp();
            _memory.ToHost();
            _checkpoints.Begin(generation, rank, world);
            _checkpointSeconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            _drill.At(rank, committed, DrillPhase.Checkpoint);
        }

        if (_context.DigestEvery > 0 && committed % (ulong)_context.DigestEvery == 0)
        {
            _memory.Read(() => _context.Reporter.Send(new WorkerMessage
            {
                Digest = new DigestReport { JobId = _jobId, Generation = generation, CommittedSteps = committed, Sha256 = _state.WeightsSha256() },
            }));
        }
    }

    private void Finish(ExchangeSession session, ulong generation, int rank, int world, CancellationToken interrupt)
    {
        _context.Progress.Phase = Phase.Checkpoint;
        _memory.ToHost();
        _checkpoints.Begin(generation, rank, world);
        _drill.At(rank, _state.CommittedSteps, DrillPhase.Checkpoint);
        _context.Progress.Phase = Phase.Evaluation;
        var counts = _workload.Evaluate(rank, world, interrupt);
        _checkpoints.WaitIdle();
        if (interrupt.IsCancellationRequested)
        {
            return;
        }

        var finished = new Finished
        {
            JobId = _jobId,
            Generation = generation,
            CommittedSteps = _state.CommittedSteps,
            WeightsSha256 = _state.WeightsSha256(),
            Eval = counts,
            Transport = session.Transports,
            Traffic = _traffic,
        };
        finished.Sigma.AddRange(_workload.Sigma());
        _context.Progress.Phase = Phase.WaitingForPlan;
        _context.Reporter.Log($"finished: weightsSha256 {finished.WeightsSha256}");
        _context.Reporter.Send(new WorkerMessage { Finished = finished });
    }

    // State that the plan builds on stays; any other comes from peers, a checkpoint or the seed.
    private bool CatchUp(Plan plan, SessionOptions options, int rank, CancellationToken interrupt)
    {
        var mine = _hasState && plan.CommittedSteps == _state.CommittedSteps && plan.StateSources.Contains((uint)rank);
        if (mine)
        {
            return true;
        }

        _sums.Clear();
        // A member that is behind keeps its state until a peer's is complete: that peer may be the last one and be lost meanwhile.
        var keep = _hasState && plan.StateSources.Count > 0 && _state.CommittedSteps < plan.CommittedSteps;
        _hasState = keep;
        var recovered = _recovery.Recover(plan, options, keep, interrupt);
        Count(new Traffic { State = _recovery.PulledBytes });
        if (!recovered)
        {
            return false;
        }

        _hasState = true;
        _memory.FromHost();
        return true;
    }

    // For drills: one bit of the first weight, large enough to change what is computed.
    private void FlipBit()
    {
        _memory.ToHost();
        *(uint*)_state.Parameters ^= 1u << 22;
        _memory.FromHost();
    }

    private void Count(Traffic more) => _context.Progress.Traffic = _traffic = new Traffic
    {
        Weights = _traffic.Weights + more.Weights,
        Projections = _traffic.Projections + more.Projections,
        Repeated = _traffic.Repeated + more.Repeated,
        State = _traffic.State + more.State,
    };

    private ExchangeSession Open(SessionOptions options)
    {
        CloseSession();
        return _session = _context.Exchange.Open(options);
    }

    private void CloseSession()
    {
        _context.Progress.WaitingFor = null;
        _session?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _session = null;
    }

    private SessionOptions SessionOptions(Plan plan, int rank) => new()
    {
        Job = _jobId,
        Generation = plan.Generation,
        Token = plan.Token.Memory,
        Rank = rank,
        Members = plan.Members,
        Layout = _arena.Layout,
        Arena = _arena,
        Microbatches = _microbatches,
        Transport = Transport(_job.Exchange?.Transport),
        Wire = _job.Exchange?.Wire == "bf16" ? WireFormat.Bf16 : WireFormat.Fp32,
        BucketReduced = _memory.Staging.BucketReduced,
        State = _state,
        // As long as the coordinator lets a worker be silent.
        PullPatience = TimeSpan.FromSeconds(_job.FailureDetection switch { "fast" => 2, "patient" => 30, _ => 4 }),
    };

    private static TransportChoice Transport(string? name) => name switch
    {
        null or "" or "auto" => TransportChoice.Auto,
        "shm" => TransportChoice.Shm,
        "grpc" => TransportChoice.Grpc,
        "lane" => TransportChoice.Lane,
        _ => throw new ArgumentException($"exchange.transport \"{name}\": must be auto, shm, grpc or lane"),
    };
}
