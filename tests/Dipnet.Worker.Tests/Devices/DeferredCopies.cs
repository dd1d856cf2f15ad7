using System.Runtime.InteropServices;
using Dipnet.Worker.Devices;

namespace Dipnet.Worker.Tests.Devices;

/// <summary>
/// Copies of a device whose memory is the host's and whose computation is the caller's, so that computing after a copy means waiting for it. A copy happens at the
/// last moment, when somebody waits for it, and others before it by chance, in any order. Refuses what the contract forbids.
/// </summary>
/// <param name="seed">Of the chance.</param>
internal sealed unsafe class DeferredCopies(int seed) : IDeviceCopies
{
    private readonly Random _random = new(seed);
    private readonly Dictionary<nint, (nint Destination, nint Source, long Bytes)> _pending = [];
    private readonly HashSet<nint> _known = [], _memory = [], _pinned = [];
    private readonly Lock _gate = new();
    private nint _next;

    /// <summary>Copies that happened before anybody waited for them.</summary>
    public int Early { get; private set; }

    public int Copies => (int)_next;

    public bool IsDisposed { get; private set; }

    /// <summary>What was asked, in order, e.g. "wait 0".</summary>
    public List<string> Calls { get; } = [];

    public DeviceCopy ToHost(nint device, nint host, long bytes) => Queue("to-host", host, device, bytes);

    public DeviceCopy ToDevice(nint host, nint device, long bytes, DeviceCopy? after = null)
    {
        Assert.True(after is not { } mark || Knows(mark), "a copy stands behind one that is released");
        return Queue("to-device", device, host, bytes);
    }

    public DeviceCopy Computed() => Queue("computed", 0, 0, 0);

    public void ComputeAfter(DeviceCopy copy) => Complete("after", copy);

    public void Wait(DeviceCopy copy) => Complete("wait", copy);

    public void Release(DeviceCopy copy)
    {
        lock (_gate)
        {
            Calls.Add($"release {copy.Mark}");
            Assert.True(_known.Remove(copy.Mark), $"copy {copy.Mark} is released twice");
            Assert.False(_pending.ContainsKey(copy.Mark), $"copy {copy.Mark} is released before it is complete");
        }
    }

    public nint AllocateHost(long bytes)
    {
        var memory = (nint)NativeMemory.AlignedAlloc((nuint)bytes, 4096);
        _memory.Add(memory);
        return memory;
    }

    public void FreeHost(nint memory)
    {
        Assert.True(_memory.Remove(memory));
        NativeMemory.AlignedFree((void*)memory);
    }

    public void Pin(nint memory, long bytes) => _pinned.Add(memory);

    public void Unpin(nint memory) => Assert.True(_pinned.Remove(memory));

    public void Dispose()
    {
        Assert.Empty(_memory);
        Assert.Empty(_pinned);
        Assert.Empty(_known);
        IsDisposed = true;
    }

    private bool Knows(DeviceCopy copy)
    {
        lock (_gate)
        {
            return _known.Contains(copy.Mark);
        }
    }

    private DeviceCopy Queue(string kind, nint destination, nint source, long bytes)
    {
        lock (_gate)
        {
            var mark = _next++;
            Calls.Add($"{kind} {mark}");
            _pending.Add(mark, (destination, source, bytes));
            _known.Add(mark);
            return new DeviceCopy(mark);
        }
    }

    private void Complete(string kind, DeviceCopy copy)
    {
        lock (_gate)
        {
            Calls.Add($"{kind} {copy.Mark}");
            Assert.Contains(copy.Mark, _known);
            var others = _pending.Keys.Where(mark => mark != copy.Mark && _random.Next(2) == 0).ToArray();
            _random.Shuffle(others);
            Early += others.Length;
            foreach (var mark in others.Append(copy.Mark))
            {
                if (_pending.Remove(mark, out var pending))
                {
                    Buffer.MemoryCopy((void*)pending.Source, (void*)pending.Destination, pending.Bytes, pending.Bytes);
                }
            }
        }
    }
}
