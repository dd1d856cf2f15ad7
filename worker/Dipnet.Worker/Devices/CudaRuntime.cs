using System.Runtime.InteropServices;
using Dipnet.Modules;
using Dipnet.Worker.Hosting;

namespace Dipnet.Worker.Devices;

/// <summary>
/// libcudart, the very copy that libtorch has loaded: found among this process's mapped files. Thread-safe, as libcudart is.
/// </summary>
internal sealed unsafe class CudaRuntime : ICudaRuntime
{
    private const uint StreamNonBlocking = 1, EventBlockingSync = 1, EventDisableTiming = 2;
    private const int HostToDevice = 1, DeviceToHost = 2;

    private readonly nint _library;
    private readonly delegate* unmanaged<int, int> _setDevice;
    private readonly delegate* unmanaged<nint*, uint, int> _streamCreate, _eventCreate;
    private readonly delegate* unmanaged<nint, int> _streamDestroy, _eventDestroy, _eventSynchronize, _freeHost, _unregister;
    private readonly delegate* unmanaged<nint, nint, int> _eventRecord;
    private readonly delegate* unmanaged<nint, nint, uint, int> _streamWait;
    private readonly delegate* unmanaged<nint, nint, nuint, int, nint, int> _copy;
    private readonly delegate* unmanaged<nint*, nuint, uint, int> _hostAlloc;
    private readonly delegate* unmanaged<nint, nuint, uint, int> _register;

    private CudaRuntime(nint library)
    {
        _library = library;
        _setDevice = (delegate* unmanaged<int, int>)Export("cudaSetDevice");
        _streamCreate = (delegate* unmanaged<nint*, uint, int>)Export("cudaStreamCreateWithFlags");
        _streamDestroy = (delegate* unmanaged<nint, int>)Export("cudaStreamDestroy");
        _eventCreate = (delegate* unmanaged<nint*, uint, int>)Export("cudaEventCreateWithFlags");
        _eventDestroy = (delegate* unmanaged<nint, int>)Export("cudaEventDestroy");
        _eventRecord = (delegate* unmanaged<nint, nint, int>)Export("cudaEventRecord");
        _eventSynchronize = (delegate* unmanaged<nint, int>)Export("cudaEventSynchronize");
        _streamWait = (delegate* unmanaged<nint, nint, uint, int>)Export("cudaStreamWaitEvent");
        _copy = (delegate* unmanaged<nint, nint, nuint, int, nint, int>)Export("cudaMemcpyAsync");
        _hostAlloc = (delegate* unmanaged<nint*, nuint, uint, int>)Export("cudaHostAlloc");
        _freeHost = (delegate* unmanaged<nint, int>)Export("cudaFreeHost");
        _register = (delegate* unmanaged<nint, nuint, uint, int>)Export("cudaHostRegister");
        _unregister = (delegate* unmanaged<nint, int>)Export("cudaHostUnregister");
    }

    /// <summary>The runtime in this process; null when none is loaded.</summary>
    public static CudaRuntime? Loaded() => MappedLibraries.Find("libcudart") is { } path && NativeLibrary.TryLoad(path, out var library) ? new(library) : null;

    /// <summary>Fills in what the runtime says.</summary>
    public CudaState Describe(CudaState state)
    {
        int count = 0, driver = 0, library = 0;
        ((delegate* unmanaged<int*, int>)Export("cudaDriverGetVersion"))(&driver);
        ((delegate* unmanaged<int*, int>)Export("cudaRuntimeGetVersion"))(&library);
        var code = ((delegate* unmanaged<int*, int>)Export("cudaGetDeviceCount"))(&count);
        return state with { Error = code, ErrorText = code == 0 ? "" : Text(code), Devices = code == 0 ? count : 0, DriverCuda = driver, LibraryCuda = library };
    }

    /// <summary>Where a device is on the PCI bus, as /sys writes it: 0000:3b:00.0. Null when the runtime does not say.</summary>
    public string? PciAddress(int device)
    {
        var text = stackalloc byte[32];
        return ((delegate* unmanaged<byte*, int, int, int>)Export("cudaDeviceGetPCIBusId"))(text, 32, device) == 0
            ? Marshal.PtrToStringUTF8((nint)text)!.ToLowerInvariant()
            : null;
    }

    public void Select(int device) => Check(_setDevice(device), $"cuda:{device} cannot be used");

    public nint CreateStream()
    {
        nint stream;
        Check(_streamCreate(&stream, StreamNonBlocking), "a stream cannot be made");
        return stream;
    }

    public void DestroyStream(nint stream) => Check(_streamDestroy(stream), "a stream cannot be ended");

    public nint CreateEvent()
    {
        nint mark;
        Check(_eventCreate(&mark, EventBlockingSync | EventDisableTiming), "an event cannot be made");
        return mark;
    }

    public void DestroyEvent(nint mark) => Check(_eventDestroy(mark), "an event cannot be ended");

    public void Record(nint mark, nint stream) => Check(_eventRecord(mark, stream), "an event cannot be recorded");

    public void StreamWait(nint stream, nint mark) => Check(_streamWait(stream, mark, 0), "a stream cannot wait");

    public void Wait(nint mark) => Check(_eventSynchronize(mark), "a copy has failed");

    public void Copy(nint destination, nint source, long bytes, bool toHost, nint stream) =>
        Check(_copy(destination, source, (nuint)bytes, toHost ? DeviceToHost : HostToDevice, stream), $"a copy of {bytes:N0} bytes cannot start");

    public nint AllocateHost(long bytes)
    {
        nint memory;
        Check(_hostAlloc(&memory, (nuint)bytes, 0), $"{bytes:N0} bytes of pinned host memory cannot be had");
        return memory;
    }

    public void FreeHost(nint memory) => Check(_freeHost(memory), "pinned memory cannot be freed");

    public void Pin(nint memory, long bytes) => Check(_register(memory, (nuint)bytes, 0), $"{bytes:N0} bytes of host memory cannot be pinned");

    public void Unpin(nint memory) => Check(_unregister(memory), "host memory cannot be unpinned");

    private nint Export(string name) => NativeLibrary.GetExport(_library, name);

    private string Text(int code) => Marshal.PtrToStringUTF8(((delegate* unmanaged<int, nint>)Export("cudaGetErrorString"))(code)) ?? "";

    private void Check(int code, string what)
    {
        if (code != 0)
        {
            throw new DeviceException(ExitCode.Failed, $"{what}: {CudaErrors.Explain(code, Text(code), new CudaState(null) { LibrariesLoaded = true })}");
        }
    }
}
