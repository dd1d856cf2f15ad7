namespace Dipnet.Worker.Devices;

/// <summary>
/// The few functions of the CUDA runtime that TorchSharp has no name for. Streams, events and device memory are the current device's of the calling
/// thread; <see cref="Select"/> chooses it. Methods throw <see cref="DeviceException"/>.
/// </summary>
internal interface ICudaRuntime
{
    /// <summary>Makes a device the calling thread's.</summary>
    void Select(int device);

    /// <summary>A stream that does not wait for the stream on which libtorch computes.</summary>
    nint CreateStream();

    void DestroyStream(nint stream);

    /// <summary>An event without a time, whose waiters sleep.</summary>
    nint CreateEvent();

    void DestroyEvent(nint mark);

    /// <summary>The event happens when all that the stream has so far is done. Stream 0 is libtorch's.</summary>
    void Record(nint mark, nint stream);

    /// <summary>What is queued on the stream from now on waits for the event as it was recorded last.</summary>
    void StreamWait(nint stream, nint mark);

    /// <summary>Blocks the calling thread until the event has happened.</summary>
    void Wait(nint mark);

    /// <summary>Queues a copy between the host, in pinned memory, and the device.</summary>
    void Copy(nint destination, nint source, long bytes, bool toHost, nint stream);

    /// <summary>Pinned host memory.</summary>
    nint AllocateHost(long bytes);

    void FreeHost(nint memory);

    /// <summary>Pins host memory that somebody else owns.</summary>
    void Pin(nint memory, long bytes);

    void Unpin(nint memory);
}
