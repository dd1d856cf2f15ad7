using Dipnet.Worker.Devices;

namespace Dipnet.Worker.Tests.Devices;

public sealed class CudaCopiesTests
{
    private readonly RecordingCuda _cuda = new();

    [Fact]
    public void ToHost_Copy_WaitsForTheComputationOnAStreamOfItsOwn()
    {
        using var copies = new CudaCopies(_cuda, 1);
        _cuda.Calls.Clear();
        copies.ToHost(device: 100, host: 200, bytes: 64);

        Assert.Equal(["select 1", "record e1 on s0", "s1 waits for e1", "64 bytes 100 to host 200 on s1", "record e2 on s1"], _cuda.Calls);
    }

    [Fact]
    public void ToDevice_Copy_HasAnotherStreamAndTheComputationWaitsForIt()
    {
        using var copies = new CudaCopies(_cuda, 0);
        _cuda.Calls.Clear();
        copies.ComputeAfter(copies.ToDevice(host: 200, device: 100, bytes: 64));

        Assert.Equal(
            ["select 0", "record e1 on s0", "s2 waits for e1", "64 bytes 200 to device 100 on s2", "record e2 on s2", "select 0", "s0 waits for e2"], _cuda.Calls);
    }

    [Fact]
    public void ToDevice_AfterAMomentOfTheComputation_DoesNotWaitForWhatIsQueuedLater()
    {
        using var copies = new CudaCopies(_cuda, 0);
        _cuda.Calls.Clear();
        var moment = copies.Computed();
        copies.ToDevice(host: 200, device: 100, bytes: 64, moment);
        copies.ToDevice(host: 300, device: 164, bytes: 64, moment);

        Assert.Equal(
            [
                "select 0", "record e2 on s0",
                "select 0", "s2 waits for e2", "64 bytes 200 to device 100 on s2", "record e3 on s2",
                "select 0", "s2 waits for e2", "64 bytes 300 to device 164 on s2", "record e4 on s2",
            ],
            _cuda.Calls);
    }

    [Fact]
    public void Wait_Copy_IsTheHostsOnly()
    {
        using var copies = new CudaCopies(_cuda, 0);
        var copy = copies.ToHost(100, 200, 64);
        _cuda.Calls.Clear();
        copies.Wait(copy);

        Assert.Equal(["select 0", "host waits for e2"], _cuda.Calls);
    }

    [Fact]
    public void Release_Event_ServesTheNextCopyAndDisposeEndsAll()
    {
        var copies = new CudaCopies(_cuda, 0);
        var first = copies.ToHost(100, 200, 64);
        copies.Release(first);
        Assert.Equal(first, copies.ToHost(100, 200, 64));
        Assert.NotEqual(first, copies.ToHost(100, 200, 64));

        copies.Release(first);
        copies.Dispose();
        Assert.Equal(["e3"], _cuda.Alive);   // the one copy that nobody released
    }
}
