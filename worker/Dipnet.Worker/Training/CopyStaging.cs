using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Dipnet.Exchange;
using Dipnet.Modules;
using Dipnet.Worker.Devices;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Training;

/// <summary>
/// A device's staging. Parameters and one gradient are flat on the device. A bucket of the gradient is copied into a host buffer as soon as the device has
/// computed it; a thread of its own waits for the copy, puts the bucket into its slot and says so. The host adds, so the order of additions is the one that the
/// CPU has. Updated parameters are copied back range by range, and the device's computation waits for them, not the host.
/// </summary>
/// <remarks>
/// Who may touch what: the device's gradient is zeroed for a leaf only after the copies of the leaf before; the host buffer takes a leaf's first copy only
/// after the leaf before has left it; the host's parameters change only after their copies are complete. Bind, Drain, BeginChange and ParametersChanged are the
/// training thread's; Collect also backward's.
/// </remarks>
internal sealed unsafe class CopyStaging : IGradientStaging
{
    private readonly TrainingState _state;
    private readonly GradientArena _arena;
    private readonly IDeviceCopies _copies;
    private readonly Tensor _parameters, _gradient;
    private readonly nint _deviceParameters, _deviceGradient, _hostGradient;
    private readonly BlockingCollection<StagedBucket> _queue = [];
    private readonly List<DeviceCopy> _ofLeaf = [], _uploads = [];
    private readonly object _gate = new();
    private readonly Thread _thread;
    private int _open;
    private bool _newLeaf;
    private ExceptionDispatchInfo? _failure;

    /// <param name="parameters">In layout order; they become views of one buffer on the device.</param>
    /// <param name="state">Its parameters become the model's.</param>
    /// <param name="arena">Where gradients go.</param>
    /// <param name="device">Of the parameters.</param>
    /// <param name="copies">Of the device; disposed with this.</param>
    public CopyStaging(IReadOnlyList<TrainableParameter> parameters, TrainingState state, GradientArena arena, Device device, IDeviceCopies copies)
    {
        (_state, _arena, _copies) = (state, arena, copies);
        var elements = state.Layout.Elements;
        _parameters = torch.zeros([elements], ScalarType.Float32, device).DetachFromDisposeScope();
        _gradient = torch.zeros([elements], ScalarType.Float32, device).DetachFromDisposeScope();
        (_deviceParameters, _deviceGradient) = (BlobTensor.Pointer(_parameters), BlobTensor.Pointer(_gradient));
        using var none = torch.no_grad();
        for (var i = 0; i < parameters.Count; i++)
        {
            var place = state.Layout.Places[i];
            using var view = _parameters.narrow(0, place.Offset, place.Count).view(place.Shape);
            view.copy_(parameters[i].Parameter);
            parameters[i].Parameter.set_(view);
            using var gradient = _gradient.narrow(0, place.Offset, place.Count).view(place.Shape);
            parameters[i].Parameter.grad = gradient;
        }

        using var host = BlobTensor.FromPointer((nint)state.Parameters, [elements]);
        host.copy_(_parameters);
        _hostGradient = copies.AllocateHost(elements * sizeof(float));
        copies.Pin((nint)state.Parameters, state.BufferBytes);
        _thread = new Thread(Arrive) { IsBackground = true, Name = "gradient copies" };
        _thread.Start();
    }

    public void Bind(int slot, bool onto)
    {
        _ofLeaf.ForEach(_copies.ComputeAfter);
        _gradient.zero_();
        _newLeaf = true;
    }

    public void Collect(int slot, bool onto, long from, long to, Action arrived)
    {
        if (_newLeaf)
        {
            // Hardly ever a wait: the loss of this leaf has been read since, and with it the device was done with the leaf before.
            WaitUntilArrived();
            Release(_ofLeaf);
            _newLeaf = false;
        }

        var copy = _copies.ToHost(_deviceGradient + (nint)from * sizeof(float), _hostGradient + (nint)from * sizeof(float), (to - from) * sizeof(float));
        _ofLeaf.Add(copy);
        lock (_gate)
        {
            _open++;
        }

        _queue.Add(new StagedBucket(copy, slot, onto, from, to, arrived));
    }

    public void Drain()
    {
        WaitUntilArrived();
        var failure = _failure;
        _failure = null;
        failure?.Throw();
    }

    public void BeginChange()
    {
        _uploads.ForEach(_copies.Wait);
        Release(_uploads);
    }

    public void ParametersChanged(long from, long to)
    {
        var copy = _copies.ToDevice((nint)(_state.Parameters + from), _deviceParameters + (nint)from * sizeof(float), (to - from) * sizeof(float));
        _copies.ComputeAfter(copy);
        _uploads.Add(copy);
    }

    public void Dispose()
    {
        _queue.CompleteAdding();
        _thread.Join();
        _queue.Dispose();
        BeginChange();
        Release(_ofLeaf);
        _copies.Unpin((nint)_state.Parameters);
        _copies.FreeHost(_hostGradient);
        _copies.Dispose();
        _parameters.Dispose();
        _gradient.Dispose();
    }

    private void WaitUntilArrived()
    {
        lock (_gate)
        {
            while (_open > 0)
            {
                Monitor.Wait(_gate);
            }
        }
    }

    private void Release(List<DeviceCopy> copies)
    {
        copies.ForEach(_copies.Release);
        copies.Clear();
    }

    // The staging's thread. After a failure nothing arrives any more until the training thread has heard of it; copies are waited for all the same.
    private void Arrive()
    {
        foreach (var bucket in _queue.GetConsumingEnumerable())
        {
            try
            {
                _copies.Wait(bucket.Copy);
                if (_failure is null)
                {
                    Move(bucket);
                    bucket.Arrived();
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

    private void Move(StagedBucket bucket)
    {
        var leaf = (float*)_hostGradient + bucket.From;
        var target = _arena.Slot(bucket.Slot) + bucket.From;
        var count = bucket.To - bucket.From;
        if (bucket.Onto)
        {
            GradientSum.Add(target, leaf, target, count);
        }
        else
        {
            Buffer.MemoryCopy(leaf, target, count * sizeof(float), count * sizeof(float));
        }
    }
}
