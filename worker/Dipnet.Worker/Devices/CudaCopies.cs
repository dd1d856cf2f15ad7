namespace Dipnet.Worker.Devices;

/// <summary>
/// Copies of one GPU on two streams of their own, one a direction: a GPU has an engine for each. Events order them with the default stream, on which libtorch
/// computes for TorchSharp, which knows no other.
/// </summary>
internal sealed class CudaCopies : IDeviceCopies
{
    private const nint Computation = 0;

    private readonly ICudaRuntime _cuda;
    private readonly int _device;
    private readonly Lock _gate = new();
    private readonly Stack<nint> _free = [];
    private readonly nint _toHost, _toDevice, _ready;

    public CudaCopies(ICudaRuntime cuda, int device)
    {
        (_cuda, _device) = (cuda, device);
        _cuda.Select(device);
        (_toHost, _toDevice, _ready) = (_cuda.CreateStream(), _cuda.CreateStream(), _cuda.CreateEvent());
    }

    public DeviceCopy ToHost(nint device, nint host, long bytes) => Queue(host, device, bytes, toHost: true, after: null);

    public DeviceCopy ToDevice(nint host, nint device, long bytes, DeviceCopy? after = null) => Queue(device, host, bytes, toHost: false, after);

    public DeviceCopy Computed()
    {
        lock (_gate)
        {
            _cuda.Select(_device);
            var mark = Mark();
            _cuda.Record(mark, Computation);
            return new DeviceCopy(mark);
        }
    }

    public void ComputeAfter(DeviceCopy copy)
    {
        _cuda.Select(_device);
        _cuda.StreamWait(Computation, copy.Mark);
    }

    public void Wait(DeviceCopy copy)
    {
        _cuda.Select(_device);
        _cuda.Wait(copy.Mark);
    }

    public void Release(DeviceCopy copy)
    {
        lock (_gate)
        {
            _free.Push(copy.Mark);
        }
    }

    public nint AllocateHost(long bytes)
    {
        _cuda.Select(_device);
        return _cuda.AllocateHost(bytes);
    }

    public void FreeHost(nint memory) => _cuda.FreeHost(memory);

    public void Pin(nint memory, long bytes)
    {
        _cuda.Select(_device);
        _cuda.Pin(memory, bytes);
    }

    public void Unpin(nint memory) => _cuda.Unpin(memory);

    public void Dispose()
    {
        _cuda.Select(_device);
        foreach (var mark in _free.Append(_ready))
        {
            _cuda.DestroyEvent(mark);
        }

        _cuda.DestroyStream(_toHost);
        _cuda.DestroyStream(_toDevice);
    }

    private DeviceCopy Queue(nint destination, nint source, long bytes, bool toHost, DeviceCopy? after)
    {
        var stream = toHost ? _toHost : _toDevice;
        lock (_gate)
        {
            _cuda.Select(_device);
            var done = Mark();
            if (after is null)
            {
                // The stream keeps the moment of this record, so the same event serves the next copy at once.
                _cuda.Record(_ready, Computation);
            }

            _cuda.StreamWait(stream, after?.Mark ?? _ready);
            _cuda.Copy(destination, source, bytes, toHost, stream);
            _cuda.Record(done, stream);
            return new DeviceCopy(done);
        }
    }

    private nint Mark() => _free.TryPop(out var free) ? free : _cuda.CreateEvent();
}
