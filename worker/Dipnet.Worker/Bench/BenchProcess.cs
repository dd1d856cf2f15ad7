using System.Diagnostics;
using System.Reflection;

namespace Dipnet.Worker.Bench;

/// <summary>Starts this program again, with the environment that workers get.</summary>
internal static class BenchProcess
{
    public static Process Start(params string[] arguments) => StartIn(null, arguments);

    /// <param name="networkNamespace">A namespace that <c>ip netns</c> knows; null: this process's own.</param>
    public static Process StartIn(string? networkNamespace, params string[] arguments)
    {
        var self = Environment.ProcessPath ?? throw new InvalidOperationException("this process does not know its program");
        var hosted = Path.GetFileNameWithoutExtension(self) == "dotnet";
        string[] line = hosted ? [self, Assembly.GetEntryAssembly()!.Location, .. arguments] : [self, .. arguments];
        if (networkNamespace is not null)
        {
            line = ["ip", "netns", "exec", networkNamespace, .. line];
        }

        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        // As for workers: memory that is given back to the system costs page faults when it is needed again, and small pages cost look-ups.
        start.Environment["GLIBC_TUNABLES"] = "glibc.malloc.hugetlb=1";
        start.Environment["MALLOC_MMAP_MAX_"] = "0";
        start.Environment["MALLOC_TRIM_THRESHOLD_"] = "17179869184";
        start.Environment["MALLOC_TOP_PAD_"] = "67108864";
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["MKL_NUM_THREADS"] = "1";
        return Process.Start(start)!;
    }

    /// <summary>The answers of all processes. The first to fail is heard at once: the others may wait for it for ever.</summary>
    public static async Task<T[]> AllAsync<T>(IEnumerable<Task<T>> answers)
    {
        var all = answers.ToArray();
        await foreach (var answer in Task.WhenEach(all))
        {
            await answer;
        }

        return await Task.WhenAll(all);
    }
}
