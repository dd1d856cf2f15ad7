using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Dipnet.Cli.Hosting;

/// <summary>The worker's program: where it is, and how it is started.</summary>
internal static partial class WorkerProgram
{
    /// <summary>Path of Dipnet.Worker.dll: beside the command when published, else in the build's output folder.</summary>
    /// <exception cref="CommandException">It is in neither place.</exception>
    public static string Find(string folder)
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        string[] places =
        [
            Path.Combine(folder, "Dipnet.Worker.dll"),
            Path.GetFullPath(Path.Combine(folder, "../../Dipnet.Worker", configuration, "Dipnet.Worker.dll")),
        ];
        return places.FirstOrDefault(File.Exists)
            ?? throw new CommandException(ExitCode.Missing, $"the worker program is missing; looked for {string.Join(" and ", places)}. Build the solution.");
    }

    /// <summary>A start of the worker program whose output is read line by line.</summary>
    /// <param name="arguments">Of the worker's own command line.</param>
    /// <param name="threads">Threads of one operator; 0 leaves the environment alone.</param>
    public static ProcessStartInfo Start(IEnumerable<string> arguments, uint threads)
    {
        var start = new ProcessStartInfo(DotnetHost())
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Find(AppContext.BaseDirectory));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in Environment(threads))
        {
            start.Environment[name] = value;
        }

        return start;
    }

    /// <summary>
    /// Replaces this process by the worker program: its signals, its terminal and its exit code are then the user's own.
    /// Returns only by an exception.
    /// </summary>
    public static int Become(IEnumerable<string> arguments)
    {
        string[] command = [DotnetHost(), Find(AppContext.BaseDirectory), .. arguments];
        var environment = new Dictionary<string, string>();
        foreach (System.Collections.DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
        {
            environment[(string)variable.Key] = (string?)variable.Value ?? "";
        }

        foreach (var (name, value) in Environment(0))
        {
            environment.TryAdd(name, value);
        }

        execve(command[0], [.. command, null], [.. environment.Select(pair => $"{pair.Key}={pair.Value}"), null]);
        throw new CommandException(ExitCode.Missing, $"cannot start {command[0]}: error {Marshal.GetLastPInvokeError()}");
    }

    // Native code reads these from the environment at start. Without the first three glibc gives every large temporary back to the
    // system and pays page faults for the next one; the optimizer alone takes three times as long then.
    private static IEnumerable<(string Name, string Value)> Environment(uint threads)
    {
        yield return ("MALLOC_MMAP_MAX_", "0");
        yield return ("MALLOC_TRIM_THRESHOLD_", "17179869184");
        yield return ("MALLOC_TOP_PAD_", "67108864");
        // Heap in huge pages, where the system has them on request: a step of a transformer then takes a sixth less processor time.
        yield return ("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");
        // cuda:N is then the same GPU for this command, every worker and nvidia-smi; CUDA's own order puts the fastest first.
        if (System.Environment.GetEnvironmentVariable("CUDA_DEVICE_ORDER") is null)
        {
            yield return ("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
        }

        if (threads > 0)
        {
            var count = threads.ToString(CultureInfo.InvariantCulture);
            yield return ("OMP_NUM_THREADS", count);
            yield return ("MKL_NUM_THREADS", count);
        }
    }

    /// <summary>The program that runs assemblies.</summary>
    public static string DotnetHost()
    {
        var self = System.Environment.ProcessPath ?? "";
        if (Path.GetFileName(self) == "dotnet")
        {
            return self;
        }

        var root = System.Environment.GetEnvironmentVariable("DOTNET_ROOT");
        string[] places = [.. new[] { root, "/usr/share/dotnet", "/usr/lib/dotnet", "/usr/local/share/dotnet" }
            .OfType<string>().Select(folder => Path.Combine(folder, "dotnet"))];
        return places.FirstOrDefault(File.Exists) ?? throw new CommandException(ExitCode.Missing, "the program dotnet is missing; set DOTNET_ROOT to its folder");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int execve(string path, string?[] arguments, string?[] environment);
}
