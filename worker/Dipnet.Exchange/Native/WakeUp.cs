using System.Runtime.InteropServices;

namespace Dipnet.Exchange;

/// <summary>
/// Wakes the exchange thread: a counter to sleep on, and an event file for when it sleeps in poll. Rung by any thread; costs a system call only
/// when the thread sleeps.
/// </summary>
internal sealed unsafe class WakeUp : IDisposable
{
    private readonly uint* word = (uint*)NativeMemory.AlignedAlloc(64, 64);
    private int sleeping;

    public WakeUp()
    {
        *word = 0;
        EventFile = Libc.EventFile(0, Libc.EventNonBlocking | Libc.EventCloseOnExec);
        if (EventFile < 0)
        {
            throw Libc.Error("eventfd");
        }
    }

    public int EventFile { get; }

    public nint Word => (nint)word;

    public uint Value => Volatile.Read(ref *word);

    public void Ring()
    {
        Interlocked.Increment(ref *word);
        if (Volatile.Read(ref sleeping) != 0)
        {
            Libc.Futex(Libc.FutexCall, word, Libc.FutexWake, int.MaxValue, null, null, 0);
            ulong one = 1;
            _ = Libc.Write(EventFile, &one, sizeof(ulong));
        }
    }

    /// <summary>True when the thread may sleep: nothing has rung since <paramref name="seen"/> was read. End with <see cref="Awake"/>.</summary>
    public bool Sleep(uint seen)
    {
        Interlocked.Exchange(ref sleeping, 1);
        return Value == seen;
    }

    public void Awake()
    {
        Volatile.Write(ref sleeping, 0);
        ulong count;
        _ = Libc.Read(EventFile, &count, sizeof(ulong));
    }

    public void Dispose()
    {
        _ = Libc.Close(EventFile);
        NativeMemory.AlignedFree(word);
    }
}
