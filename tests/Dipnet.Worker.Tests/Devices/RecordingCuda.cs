using Dipnet.Worker.Devices;

namespace Dipnet.Worker.Tests.Devices;

/// <summary>A CUDA runtime that notes what is asked of it. Streams are s1, s2, …, events e1, e2, …; s0 is libtorch's stream.</summary>
internal sealed class RecordingCuda : ICudaRuntime
{
    private nint _streams, _events;

    public List<string> Calls { get; } = [];

    public HashSet<string> Alive { get; } = [];

    public void Select(int device) => Calls.Add($"select {device}");

    public nint CreateStream()
    {
        Alive.Add($"s{++_streams}");
        return _streams;
    }

    public void DestroyStream(nint stream) => Assert.True(Alive.Remove($"s{stream}"));

    public nint CreateEvent()
    {
        Alive.Add($"e{++_events}");
        return _events;
    }

    public void DestroyEvent(nint mark) => Assert.True(Alive.Remove($"e{mark}"));

    public void Record(nint mark, nint stream) => Calls.Add($"record e{mark} on s{stream}");

    public void StreamWait(nint stream, nint mark) => Calls.Add($"s{stream} waits for e{mark}");

    public void Wait(nint mark) => Calls.Add($"host waits for e{mark}");

    public void Copy(nint destination, nint source, long bytes, bool toHost, nint stream) =>
        Calls.Add($"{bytes} bytes {source} to {(toHost ? "host" : "device")} {destination} on s{stream}");

    public nint AllocateHost(long bytes) => 1;

    public void FreeHost(nint memory)
    {
    }

    public void Pin(nint memory, long bytes)
    {
    }

    public void Unpin(nint memory)
    {
    }
}
