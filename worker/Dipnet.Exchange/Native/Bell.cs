namespace Dipnet.Exchange;

/// <summary>
/// A counter that threads and processes sleep on (futex on a 32-bit word of shared memory). Ringing never blocks; a waiter needs
/// read access only and gives up after its time-out, so a dead peer cannot hold anybody.
/// </summary>
internal static unsafe class Bell
{
    private const uint SizeIs32Bits = 2;

    private static bool waitvMissing;

    public static void Ring(uint* word)
    {
        Interlocked.Increment(ref *word);
        Libc.Futex(Libc.FutexCall, word, Libc.FutexWake, int.MaxValue, null, null, 0);
    }

    /// <summary>Sleeps until one of the words is no longer what was seen of it, or for the time-out at most.</summary>
    public static void WaitAny(ReadOnlySpan<nint> words, ReadOnlySpan<uint> seen, TimeSpan timeout)
    {
        if (!waitvMissing && words.Length <= 128)
        {
            var waiters = stackalloc Libc.FutexWaiter[words.Length];
            for (var i = 0; i < words.Length; i++)
            {
                waiters[i] = new Libc.FutexWaiter { Address = (ulong)words[i], Value = seen[i], Flags = SizeIs32Bits };
            }

            Libc.TimeSpec deadline;
            _ = Libc.Clock(Libc.ClockMonotonic, &deadline);
            var nanoseconds = deadline.Nanoseconds + (timeout.Ticks * 100);
            deadline.Seconds += nanoseconds / 1_000_000_000;
            deadline.Nanoseconds = nanoseconds % 1_000_000_000;
            var result = Libc.FutexWaitv(Libc.FutexWaitvCall, waiters, words.Length, 0, &deadline, Libc.ClockMonotonic);
            if (result >= 0 || System.Runtime.InteropServices.Marshal.GetLastPInvokeError() != Libc.NotImplemented)
            {
                return;
            }

            waitvMissing = true;
        }

        // Kernels before 5.16 wait for one word at a time: our own, and look at the others often.
        var slice = words.Length == 1 ? timeout : TimeSpan.FromTicks(Math.Min(timeout.Ticks, TimeSpan.FromMicroseconds(200).Ticks));
        var relative = new Libc.TimeSpec { Seconds = (long)slice.TotalSeconds, Nanoseconds = slice.Ticks % TimeSpan.TicksPerSecond * 100 };
        Libc.Futex(Libc.FutexCall, (uint*)words[0], Libc.FutexWait, seen[0], &relative, null, 0);
    }
}
