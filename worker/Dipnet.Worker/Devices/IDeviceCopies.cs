namespace Dipnet.Worker.Devices;

/// <summary>
/// Copies between a device's memory and the host's that run beside the device's computation. Nothing here waits for the device but <see cref="Wait"/>. Thread-safe.
/// </summary>
internal interface IDeviceCopies : IDisposable
{
    /// <summary>Queues a copy that starts when everything queued for computation so far is done.</summary>
    DeviceCopy ToHost(nint device, nint host, long bytes);

    /// <summary>
    /// Queues a copy that starts when <paramref name="after"/> is complete; without it, when everything queued for computation so far, which may read what is there, is
    /// done.
    /// </summary>
    DeviceCopy ToDevice(nint host, nint device, long bytes, DeviceCopy? after = null);

    /// <summary>What is queued for computation so far, to be waited for like a copy.</summary>
    DeviceCopy Computed();

    /// <summary>What is queued for computation from now on starts after the copy. Does not block.</summary>
    void ComputeAfter(DeviceCopy copy);

    /// <summary>Blocks the calling thread until the copy is complete.</summary>
    void Wait(DeviceCopy copy);

    /// <summary>The copy is complete and nobody asks for it any more.</summary>
    void Release(DeviceCopy copy);

    /// <summary>Host memory that the device copies to and from without a detour.</summary>
    nint AllocateHost(long bytes);

    void FreeHost(nint memory);

    /// <summary>Makes memory of somebody else such memory, until <see cref="Unpin"/>.</summary>
    void Pin(nint memory, long bytes);

    void Unpin(nint memory);
}
