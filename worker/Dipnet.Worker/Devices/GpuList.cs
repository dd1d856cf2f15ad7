using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Dipnet.Worker.Devices;

/// <summary>Lists the GPUs of this host without CUDA: by nvidia-smi, else by the driver's files.</summary>
internal static class GpuList
{
    private const string DriverFolder = "/proc/driver/nvidia/gpus";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static IReadOnlyList<GpuFacts> Look() =>
        !File.Exists(CudaHost.DriverFile) && !File.Exists("/dev/dxg") ? [] : Smi() is { } answer ? OfSmi(answer, GpuCores.PciFolder) : OfFiles(DriverFolder, GpuCores.PciFolder);

    /// <param name="answer">Lines of index, name, pci.bus_id, memory.total, memory.used; memory in MiB.</param>
    /// <param name="pciFolder">Where cores are read.</param>
    internal static IReadOnlyList<GpuFacts> OfSmi(string answer, string pciFolder) =>
        [.. answer.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => line.Split(", ")).Where(parts => parts.Length == 5)
            .Select(parts => (Parts: parts, Address: Address(parts[2])))
            .Select(gpu => new GpuFacts(
                (int)Number(gpu.Parts[0]), gpu.Parts[1], gpu.Address, Number(gpu.Parts[3]) << 20, Number(gpu.Parts[4]) << 20, Cores(pciFolder, gpu.Address)))];

    /// <param name="driverFolder">A folder for each GPU, named by its address, with a file "information".</param>
    /// <param name="pciFolder">Where cores are read.</param>
    internal static IReadOnlyList<GpuFacts> OfFiles(string driverFolder, string pciFolder) => !Directory.Exists(driverFolder) ? [] :
        [.. Directory.GetDirectories(driverFolder).Order(StringComparer.Ordinal).Select((folder, index) =>
            new GpuFacts(index, Model(Path.Combine(folder, "information")), Path.GetFileName(folder), 0, 0, Cores(pciFolder, Path.GetFileName(folder))))];

    private static string Model(string file) =>
        File.Exists(file) && File.ReadLines(file).FirstOrDefault(line => line.StartsWith("Model:", StringComparison.Ordinal)) is { } model ? model[6..].Trim() : "GPU";

    private static string Cores(string pciFolder, string address)
    {
        var file = Path.Combine(pciFolder, address, "local_cpulist");
        return File.Exists(file) ? File.ReadAllText(file).Trim() : "";
    }

    // nvidia-smi writes the domain with eight digits, in capitals; the kernel with four, in small letters.
    private static string Address(string bus) => (bus.Length == "00000000:00:00.0".Length ? bus[4..] : bus).ToLowerInvariant();

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string? Smi()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("nvidia-smi", ["--query-gpu=index,name,pci.bus_id,memory.total,memory.used", "--format=csv,noheader,nounits"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var answer = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(Patience))
            {
                process.Kill();
                return null;
            }

            return process.ExitCode == 0 ? answer.GetAwaiter().GetResult() : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
