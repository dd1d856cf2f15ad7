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
/// comes back through <see cref="DeviceSum"/>.
/// </summary>
/// <remarks>
/// Who may touch what: slots are written by what is queued for computation, behind the copies of the step before, which <see cref="Drain"/> has waited for. Bind, Drain,
/// BeginSum and Sum are the training thread's; Add and Publish also backward's.
/// </remarks>
internal sealed unsafe class DeviceStaging : IGradientStaging
{
    private readonly IReadOnlyList<TrainableParameter> _parameters;
    private readonly ParameterLayout _layout;
    private readonly GradientArena _arena;
    private readonly Device _device;
    private readonly IDeviceCopies _copies;
    private readonly IDeviceKernels _kernels;
    private readonly DeviceSum _sum;
    private readonly Tensor?[] _slots;
    private readonly Tensor[]?[] _views;
    private readonly HashSet<nint> _pinned = [];
    private readonly BlockingCollection<StagedRange> _queue = [];
    private readonly object _gate = new();
    private readonly Thread _thread;
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
        _sum = new DeviceSum(layout.Elements, device, _copies);
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

    public void BeginSum() => _sum.Begin();

    public Action<IReadOnlyList<ReducedSpan>> BucketReduced => _sum.Take;

    public void Drain()
    {
        lock (_gate)
        {
            while (_open > 0)
            {
                Monitor.Wait(_gate);
            }
        }

        var failure = _failure;
        _failure = null;
        failure?.Throw();
    }

    /// <summary>
    /// Address of the whole sum in the device's memory, for what is queued for computation from now on: the slot in which the device has computed it itself, or, without
    /// one, where the buckets of all workers arrive, which it waits for.
    /// </summary>
    public nint Sum(int? slot) => slot is { } own ? At(own, 0) : _sum.Whole();

    public void Dispose()
    {
        _queue.CompleteAdding();
        _thread.Join();
        _queue.Dispose();
        foreach (var memory in _pinned)
        {
            _copies.Unpin(memory);
        }

        foreach (var parameter in _parameters)
        {
            parameter.Parameter.grad = null;
        }

        foreach (var tensor in _views.SelectMany(v => v ?? []).Concat(_slots.OfType<Tensor>()))
        {
            tensor.Dispose();
        }

        _sum.Dispose();
    }

    // Slots are numerous and few are ever needed: as many as a tree is deep when leaves come in order.
    private Tensor Flat(int slot) => _slots[slot] ??= torch.zeros([_layout.Elements], ScalarType.Float32, _device).DetachFromDisposeScope();

    private nint At(int slot, long element) => BlobTensor.Pointer(_slots[slot]!) + (nint)element * sizeof(float);

    private void Pin(nint slot)
    {
        if (_pinned.Add(slot))
        {
            _copies.Pin(slot, _layout.Elements * sizeof(float));
        }
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
