using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Dipnet.Exchange;
using Dipnet.Modules;
using Dipnet.Protos;
using Dipnet.Worker.Control;
using Dipnet.Worker.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Training;

/// <summary>
/// Computes this worker's leaves of a step and adds them up the tree. The last leaf completes every node, so its backward hands out bucket after bucket as stages
/// become final. Training thread only.
/// </summary>
internal sealed class LeafRunner
{
    private readonly IWorkload _workload;
    private readonly SampleOrder _order;
    private readonly ParameterLayout _layout;
    private readonly GradientArena _arena;
    private readonly IGradientStaging _staging;
    private readonly LeafSums _sums;
    private readonly Drill _drill;
    private readonly WorkerProgress _progress;
    private readonly float _gamma;
    private readonly int[] _ids;
    private readonly Dictionary<int, MicrobatchLoss> _losses = [];
    private readonly long[] _finalFrom;
    private readonly Func<int, Tensor, Tensor> _tap;
    private readonly List<(int Microbatch, long Targets, Tensor Terms)> _unread = [];

    private ExchangeSession? _session;
    private LeafTarget? _target;
    private int[] _nodes = [];
    private ulong _step;
    private int _rank;
    private int _nextBucket;
    private ExceptionDispatchInfo? _failure;

    public LeafRunner(
        IWorkload workload, SampleOrder order, ParameterLayout layout, GradientArena arena, IGradientStaging staging, LeafSums sums, Drill drill,
        WorkerProgress progress, float gamma)
    {
        (_workload, _order, _layout, _arena, _staging, _sums, _drill, _progress, _gamma) =
            (workload, order, layout, arena, staging, sums, drill, progress, gamma);
        _ids = new int[order.MicrobatchSize];
        _finalFrom = [.. Enumerable.Range(0, layout.Places.Max(p => p.Stage) + 2).Select(layout.FinalFrom)];
        Action<int> passed = Passed;
        var tapped = Tapped();
        // Stages behind the last that trains anything have nothing to complete.
        _tap = (stage, input) => stage < tapped.Length && tapped[stage] ? BackwardTap.Attach(input, passed, stage) : input;
    }

    /// <summary>Seconds of the newest <see cref="Run"/> for data, and for forward, backward and sums.</summary>
    public (double Data, double Compute) Seconds { get; private set; }

    /// <summary>Computes the leaves that are the rank's and not held yet, and publishes all buckets.</summary>
    /// <returns>False when interrupted between two leaves; what was computed is held.</returns>
    /// <exception cref="NonFiniteException">A loss is not finite.</exception>
    public bool Run(ExchangeSession session, ulong step, IReadOnlyList<int> owners, int rank, CancellationToken interrupt, StepReport report)
    {
        if (step != _step)
        {
            _losses.Clear();
        }

        (_step, _rank, Seconds) = (step, rank, default);
        var end = Stopwatch.GetTimestamp();
        try
        {
            var complete = Leaves(session, owners, interrupt);
            end = Stopwatch.GetTimestamp();
            ReadLosses();
            // Those of leaves that were held over a fence among them: the step's mean is over all microbatches.
            report.Losses.AddRange(_sums.Held.Select(m => _losses[m]));
            return complete;
        }
        finally
        {
            _unread.ForEach(leaf => leaf.Terms.Dispose());
            _unread.Clear();
            // What is held must be in its slots before anybody asks, also after a failure.
            _staging.Drain();
            Seconds = (Seconds.Data, Seconds.Compute + Stopwatch.GetElapsedTime(end).TotalSeconds);
        }
    }

    private bool Leaves(ExchangeSession session, IReadOnlyList<int> owners, CancellationToken interrupt)
    {
        var (step, rank) = (_step, _rank);
        _sums.KeepOnly(m => owners[m] == rank);
        var held = _sums.Held.ToHashSet();
        var missing = Enumerable.Range(0, owners.Count).Where(m => owners[m] == rank && !held.Contains(m)).ToArray();
        for (var i = 0; i < missing.Length; i++)
        {
            if (interrupt.IsCancellationRequested)
            {
                return false;
            }

            _progress.MicrobatchesDone = i;
            _target = _sums.Begin(missing[i]);
            _session = null;
            if (i == missing.Length - 1 && !session.IsAlone)
            {
                BeginStep(session, owners, _sums.NodesAfter(_target));
            }

            _drill.At(rank, step, DrillPhase.Forward);
            Leaf(_target);
            _sums.Finish(_target);
        }

        if (interrupt.IsCancellationRequested)
        {
            return false;
        }

        if (session.IsAlone)
        {
            BeginStep(session, owners, _sums.Nodes);
            _drill.At(rank, step, DrillPhase.Backward);
        }
        else if (missing.Length == 0)
        {
            BeginStep(session, owners, _sums.Nodes);
            for (var bucket = 0; bucket < _arena.Layout.Buckets.Count; bucket++)
            {
                Publish(bucket);
            }
        }

        return true;
    }

    private void BeginStep(ExchangeSession session, IReadOnlyList<int> owners, IReadOnlyList<(TreeNode Node, int Slot)> nodes)
    {
        (_session, _nextBucket) = (session, 0);
        _nodes = [.. nodes.Select(n => n.Slot)];
        if (!session.IsAlone)
        {
            _staging.BeginSum();
        }

        session.BeginStep(_step, owners, nodes);
    }

    private void Leaf(LeafTarget target)
    {
        var begin = Stopwatch.GetTimestamp();
        using var scope = torch.NewDisposeScope();
        _order.Fill(_step, target.Microbatch, _ids);
        _staging.Bind(target.Slot, target.OntoNeighbour);
        _workload.Tap = _session is null ? null : _tap;
        var terms = _workload.Loss(_ids, _step, target.Microbatch);
        using (torch.no_grad())
        {
            _unread.Add((target.Microbatch, _workload.Targets, torch.stack([terms.Total, terms.Nll, terms.Penalty, terms.Stability]).DetachFromDisposeScope()));
        }

        // Where computing is queued, reading here would leave the device without work until backward is queued as well.
        if (!_staging.Queues)
        {
            ReadLosses();
        }

        terms.Total.backward();
        _workload.Tap = null;
        _failure?.Throw();
        ActivationCheckpoint.ThrowIfFailed();
        if (_session is null)
        {
            _staging.Add(target.Slot, target.AddedSlots, 0, _layout.Elements);
        }
        else
        {
            PublishFrom(-1);
        }

        var data = _workload.DataSeconds;
        Seconds = (Seconds.Data + data, Seconds.Compute + Stopwatch.GetElapsedTime(begin).TotalSeconds - data);
    }

    private void ReadLosses()
    {
        foreach (var (microbatch, targets, terms) in _unread)
        {
            using var host = terms.cpu();
            var values = host.data<float>();
            var loss = _losses[microbatch] = new MicrobatchLoss
            {
                Microbatch = (uint)microbatch,
                Loss = values[0],
                Nll = values[1],
                Penalty = values[2],
                Stability = _gamma * values[3],
                Samples = (ulong)targets,
            };
            terms.Dispose();
            if (!double.IsFinite(loss.Loss))
            {
                _workload.Tap = null;
                _order.Fill(_step, microbatch, _ids);
                throw new NonFiniteException(_step, NonFiniteLocator.Module(_workload, _ids, _step, microbatch), $"the loss of microbatch {microbatch} is {loss.Loss}");
            }
        }

        _unread.Clear();
    }

    // A tap costs a node of the graph, so only where it completes a bucket that no tap behind it does.
    private bool[] Tapped()
    {
        var weights = _arena.Layout.Buckets.Where(b => b.Group == ParameterGroup.Weights).ToArray();
        int[] complete = [.. _finalFrom.Select(from => weights.TakeWhile(b => b.Offset >= from).Count()), 0];
        return [.. complete.Zip(complete.Skip(1), (here, behind) => here > behind)];
    }

    // Called inside backward, through native frames, which no exception may cross.
    private void Passed(int stage)
    {
        try
        {
            PublishFrom(_finalFrom[stage]);
        }
        catch (Exception e)
        {
            _failure ??= ExceptionDispatchInfo.Capture(e);
        }
    }

    // Weights from an element on are final; below zero, everything is.
    private void PublishFrom(long element)
    {
        var buckets = _arena.Layout.Buckets;
        for (; _nextBucket < buckets.Count; _nextBucket++)
        {
            var bucket = buckets[_nextBucket];
            if (element >= 0 && (bucket.Group != ParameterGroup.Weights || bucket.Offset < element))
            {
                return;
            }

            // A bucket is handed out only with the sums that the leaf completes.
            _staging.Add(_target!.Slot, _target.AddedSlots, bucket.Offset, bucket.Offset + bucket.Count);
            Publish(_nextBucket);
        }
    }

    private void Publish(int bucket)
    {
        var (session, place) = (_session!, _arena.Layout.Buckets[bucket]);
        _staging.Publish(_nodes, place.Offset, place.Offset + place.Count, () =>
        {
            session.PublishBucket(bucket);
            if (bucket == 0)
            {
                _drill.At(_rank, _step, DrillPhase.Backward);
            }
        });
    }
}
