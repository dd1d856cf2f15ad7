using System.Runtime.InteropServices;

namespace Dipnet.Cli.Hosting;

/// <summary>Signals and states of other processes.</summary>
internal static partial class ProcessControl
{
    private const int Continue = 18;

    /// <summary>SIGCONT.</summary>
    public static void Resume(int processId) => _ = kill(processId, Continue);

    /// <summary>Whether the process is stopped (SIGSTOP); false when it is gone.</summary>
    public static bool IsStopped(int processId)
    {
        try
        {
            // The state follows the name, which is in parentheses and may hold anything.
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].StartsWith('T');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The process that started this one; 1 or another when it is gone.</summary>
    public static int Parent() => getppid();

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc")]
    private static partial int getppid();
}
