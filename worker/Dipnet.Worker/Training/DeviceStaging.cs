using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Dipnet.Exchange;
using Dipnet.Modules;
using Dipnet.Worker.Devices;
using Dipnet.Worker.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Training;

/// <summary>
/// A device's staging. Slots are flat gradients in the device's memory, of which the parameters' gradients are views, and leaves are added up there, in the order of
/// the tree. Only the sums that are handed out are copied into the arena's slots; a thread of its own waits for the copies and says so. What all workers have summed up
/// is copied back bucket by bucket, beside the leaves, which are needed again when the step is interrupted.
/// </summary>
/// <remarks>
/// Who may touch what: slots are written by what is queued for computation, behind the copies of the step before, which <see cref="Drain"/> has waited for. Bind, Drain,
/// BeginSum and Sum are the training thread's; Add and Publish also backward's. BucketReduced is for any thread between BeginSum and Sum or the end of the session.
/// </remarks>
internal sealed unsafe class DeviceStaging : IGradientStaging
{
    // Elements of a copy to the device, and threads that make them.
    private const long Piece = 1 << 20;
    private const int MostThreads = 8;

    private readonly IReadOnlyList<TrainableParameter> _parameters;
    private readonly ParameterLayout _layout;
    private readonly GradientArena _arena;
    private readonly Device _device;
    private readonly IDeviceCopies _copies;
    private readonly IDeviceKernels _kernels;
    private readonly Tensor?[] _slots;
    private readonly Tensor[]?[] _views;
    private readonly HashSet<nint> _pinned = [];
    private readonly BlockingCollection<StagedRange> _queue = [];
    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = Math.Clamp(ThreadCores.Allowed().Count, 1, MostThreads) };
    private readonly object _gate = new();
    private readonly Thread _thread;
    private readonly ConcurrentBag<DeviceCopy> _arrived = [];
    private Tensor? _sum;
    private nint _hostSum;
    private DeviceCopy? _sumUsed;
    private long _lacking;
    private int _bound = -1;
    private int _open;
    private ExceptionDispatchInfo? _failure;

    /// <param name="parameters">In layout order.</param>
    /// <param name="layout">Of the slots.</param>
    /// <param name="arena">Where sums that are handed out go.</param>
    /// <param name="device">Of the parameters.</param>
    /// <param name="accelerator">Of the device.</param>
    public DeviceStaging(IReadOnlyList<TrainableParameter> parameters, ParameterLayout layout, GradientArena arena, Device device, Accelerator accelerator)
    {
        (_parameters, _layout, _arena, _device) = (parameters, layout, arena, device);
        (_copies, _kernels) = accelerator;
        (_slots, _views) = (new Tensor?[arena.Slots], new Tensor[arena.Slots][]);
        _thread = new Thread(Arrive) { IsBackground = true, Name = "gradient copies" };
        _thread.Start();
    }

    public bool Queues => true;

    public void Bind(int slot, bool onto)
    {
        var flat = Flat(slot);
        if (!onto)
        {
            flat.zero_();
        }

        if (_bound == slot)
        {
            return;
        }

        var views = _views[slot] ??= [.. _layout.Places.Select(place =>
        {
            using var run = flat.narrow(0, place.Offset, place.Count);
            return run.view(place.Shape).DetachFromDisposeScope();
        })];
        for (var i = 0; i < views.Length; i++)
        {
            _parameters[i].Parameter.grad = views[i];
        }

        _bound = slot;
    }

    public void Add(int slot, IReadOnlyList<int> others, long from, long to)
    {
        foreach (var other in others)
        {
            _kernels.Add(At(slot, from), At(other, from), to - from);
        }
    }

    public void Publish(IReadOnlyList<int> slots, long from, long to, Action published)
    {
        var copies = new DeviceCopy[slots.Count];
        for (var i = 0; i < copies.Length; i++)
        {
            Pin((nint)_arena.Slot(slots[i]));
            copies[i] = _copies.ToHost(At(slots[i], from), (nint)(_arena.Slot(slots[i]) + from), (to - from) * sizeof(float));
        }

        lock (_gate)
        {
            _open++;
        }

        _queue.Add(new StagedRange(copies, published));
    }

    public void BeginSum()
    {
        // Those of a step that was interrupted.
        ReleaseCopies();
        _sum ??= Empty();
        _hostSum = _hostSum == 0 ? _copies.AllocateHost(_layout.Elements * sizeof(float)) : _hostSum;
        _sumUsed = _copies.Computed();
        _lacking = _layout.Elements;
    }

    public Action<IReadOnlyList<ReducedSpan>> BucketReduced => Take;

    public void Drain()
    {
        lock (_gate)
        {
            while (_open > 0)
            {
                Monitor.Wait(_gate);
            }
        }

        ThrowFailure();
    }

    /// <summary>
    /// Address of the whole sum in the device's memory, for what is queued for computation from now on: the slot in which the device has computed it itself, or, with
    /// other workers, where their buckets arrive, all of which it waits for.
    /// </summary>
    public nint Sum(int? slot)
    {
        if (slot is not null)
        {
            return At(slot.Value, 0);
        }

        lock (_gate)
        {
            while (_lacking > 0)
            {
                Monitor.Wait(_gate);
            }
        }

        ThrowFailure();
        foreach (var copy in _arrived)
        {
            _copies.ComputeAfter(copy);
        }

        ReleaseCopies();
        return BlobTensor.Pointer(_sum!);
    }

    public void Dispose()
    {
        _queue.CompleteAdding();
        _thread.Join();
        _queue.Dispose();
        ReleaseCopies();
        foreach (var memory in _pinned)
        {
            _copies.Unpin(memory);
        }

        if (_hostSum != 0)
        {
            _copies.FreeHost(_hostSum);
        }

        foreach (var parameter in _parameters)
        {
            parameter.Parameter.grad = null;
        }

        foreach (var tensor in _views.SelectMany(v => v ?? []).Concat(_slots.OfType<Tensor>()))
        {
            tensor.Dispose();
        }

        _sum?.Dispose();
    }

    // Slots are numerous and few are ever needed: as many as a tree is deep when leaves come in order.
    private Tensor Flat(int slot) => _slots[slot] ??= Empty();

    private Tensor Empty() => torch.zeros([_layout.Elements], ScalarType.Float32, _device).DetachFromDisposeScope();

    private nint At(int slot, long element) => BlobTensor.Pointer(_slots[slot]!) + (nint)element * sizeof(float);

    private static IEnumerable<ReducedSpan> Pieces(ReducedSpan span)
    {
        for (long at = 0; at < span.Count; at += Piece)
        {
            yield return new ReducedSpan(span.Pointer + (nint)at * sizeof(float), span.Offset + at, Math.Min(Piece, span.Count - at));
        }
    }

    private void Pin(nint slot)
    {
        if (_pinned.Add(slot))
        {
            _copies.Pin(slot, _layout.Elements * sizeof(float));
        }
    }

    // Spans lie in memory of other processes, too, which the device cannot read by itself: through pinned memory, by several threads, as fast as the device takes it.
    private void Take(IReadOnlyList<ReducedSpan> spans)
    {
        try
        {
            var sum = BlobTensor.Pointer(_sum!);
            Parallel.ForEach(spans.SelectMany(Pieces), _parallel, piece =>
            {
                var (at, bytes) = ((nint)piece.Offset * sizeof(float), piece.Count * sizeof(float));
                Buffer.MemoryCopy((void*)piece.Pointer, (void*)(_hostSum + at), bytes, bytes);
                _arrived.Add(_copies.ToDevice(_hostSum + at, sum + at, bytes, _sumUsed));
            });
        }
        catch (Exception e)
        {
            _failure ??= ExceptionDispatchInfo.Capture(e);
        }

        lock (_gate)
        {
            _lacking -= spans.Sum(span => span.Count);
            Monitor.PulseAll(_gate);
        }
    }

    private void ReleaseCopies()
    {
        while (_arrived.TryTake(out var copy))
        {
            _copies.Wait(copy);
            _copies.Release(copy);
        }

        if (_sumUsed is { } used)
        {
            _copies.Wait(used);
            _copies.Release(used);
            _sumUsed = null;
        }
    }

    private void ThrowFailure()
    {
        var failure = _failure;
        _failure = null;
        failure?.Throw();
    }

    // The staging's thread. After a failure nothing is handed out any more until the training thread has heard of it; copies are waited for all the same.
    private void Arrive()
    {
        foreach (var range in _queue.GetConsumingEnumerable())
        {
            try
            {
                foreach (var copy in range.Copies)
                {
                    _copies.Wait(copy);
                    _copies.Release(copy);
                }

                if (_failure is null)
                {
                    range.Published();
                }
            }
            catch (Exception e)
            {
                _failure ??= ExceptionDispatchInfo.Capture(e);
            }

            lock (_gate)
            {
                _open--;
                Monitor.PulseAll(_gate);
            }
        }
    }
}
