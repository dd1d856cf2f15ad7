using System.Runtime.InteropServices;

namespace Dipnet.Worker.Hosting;

/// <summary>The few system calls that .NET has no name for.</summary>
internal static partial class NativeProcess
{
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Stop = 19;

    public static int ParentId() => getppid();

    /// <summary>Sends a signal to this very process.</summary>
    public static void SignalSelf(int signal)
    {
        if (kill(Environment.ProcessId, signal) != 0)
        {
            throw new InvalidOperationException($"kill({Environment.ProcessId}, {signal}) failed: errno {Marshal.GetLastPInvokeError()}");
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc")]
    private static partial int getppid();
}
