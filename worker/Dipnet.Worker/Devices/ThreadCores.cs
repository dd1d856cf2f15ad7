using System.Globalization;
using System.Runtime.InteropServices;

namespace Dipnet.Worker.Devices;

/// <summary>On which cores threads may run. The kernel keeps it for each thread: a native thread begins with its maker's cores, one of .NET with the main thread's.</summary>
internal static unsafe partial class ThreadCores
{
    /// <summary>Cores that a mask has room for.</summary>
    public const int Most = 8192;

    private const int Words = Most / 64;

    /// <summary>Cores of the calling thread, ascending.</summary>
    public static IReadOnlyList<int> Allowed() => Of(0);

    /// <summary>Cores of a thread of this process; 0: the calling one.</summary>
    public static IReadOnlyList<int> Of(int thread)
    {
        var mask = stackalloc ulong[Words];
        new Span<ulong>(mask, Words).Clear();
        var bytes = sched_getaffinity(thread, Words * sizeof(ulong), mask);
        return bytes < 0 ? throw new InvalidOperationException($"sched_getaffinity failed: errno {Marshal.GetLastPInvokeError()}")
            : Read(mask);
    }

    /// <summary>Keeps a thread to cores; 0: the calling one.</summary>
    /// <returns>False when the kernel refuses, or the thread is gone.</returns>
    public static bool Keep(int thread, IReadOnlyList<int> cores)
    {
        var mask = stackalloc ulong[Words];
        new Span<ulong>(mask, Words).Clear();
        foreach (var core in cores)
        {
            mask[core / 64] |= 1ul << (core % 64);
        }

        return sched_setaffinity(thread, Words * sizeof(ulong), mask) == 0;
    }

    /// <summary>Keeps every thread of this process, and so every later one, to cores. Threads may be born meanwhile, so it looks again until none is new.</summary>
    /// <returns>False when the kernel refuses the calling thread.</returns>
    public static bool KeepProcess(IReadOnlyList<int> cores)
    {
        if (!Keep(0, cores))
        {
            return false;
        }

        var kept = new HashSet<int>();
        while (Directory.GetDirectories("/proc/self/task").Select(task => int.Parse(Path.GetFileName(task), CultureInfo.InvariantCulture)).Where(kept.Add).ToArray() is { Length: > 0 } born)
        {
            foreach (var thread in born)
            {
                Keep(thread, cores);
            }
        }

        return true;
    }

    private static List<int> Read(ulong* mask)
    {
        var cores = new List<int>();
        for (var core = 0; core < Most; core++)
        {
            if ((mask[core / 64] >> (core % 64) & 1) != 0)
            {
                cores.Add(core);
            }
        }

        return cores;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_getaffinity(int thread, nint bytes, ulong* mask);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_setaffinity(int thread, nint bytes, ulong* mask);
}
