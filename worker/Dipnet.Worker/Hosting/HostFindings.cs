using System.Globalization;
using Dipnet.Worker.Devices;

namespace Dipnet.Worker.Hosting;

/// <summary>Judges a host. Pure.</summary>
internal static class HostFindings
{
    public const int ControlPort = 5080, DashboardPort = 5081;

    private const long GiB = 1L << 30;
    private const long LeastFiles = 256;

    public static IReadOnlyList<HostFinding> Of(HostFacts host) =>
    [
        new("system", host.Supported ? host.System : $"{host.System}; workers need Linux on x64", !host.Supported),
        new("processor", $"{host.Cores} cores, vectors of {host.VectorBits} bits{(host.Bfloat16 ? ", bfloat16 products" : "")}"),
        new("memory", $"{Size(host.Memory)} for this process{(host.Memory < GiB ? "; a worker needs at least 1 GiB" : "")}", host.Memory < GiB),
        new("libtorch", host.Torch ?? host.TorchProblem, host.Torch is null),
        Driver(host.Cuda),
        .. host.Gpus.Select(Gpu),
        .. Kernels(host),
        SharedMemory(host.SharedMemory),
        Ports(host),
        Limits(host.Limits),
        new("temporary files", $"{host.TemporaryFolder}: {host.TemporaryProblem ?? $"{Size(host.TemporaryFree)} free"}", host.TemporaryProblem is not null),
    ];

    private static HostFinding Driver(CudaState cuda)
    {
        if (cuda.Driver is null && cuda.Problem is null)
        {
            return new("gpu", "no NVIDIA driver: workers compute on the CPU");
        }

        var driver = cuda.Driver is null ? "no NVIDIA driver" : $"NVIDIA driver {cuda.Driver}";
        return cuda.Problem is { } problem
            ? new("gpu", $"{driver}; {problem}", Wrong: true)
            : new("gpu", $"{driver}{Of(", runs CUDA up to ", cuda.DriverCuda)}{Of("; libtorch's CUDA is ", cuda.LibraryCuda)}; {Count(cuda.Devices, "GPU")} can be used");
    }

    private static HostFinding Gpu(GpuFacts gpu) =>
        new($"cuda:{gpu.Index}", gpu.Name + (gpu.Memory > 0 ? $", {Size(gpu.Memory)}, {Size(gpu.MemoryUsed)} in use" : "") + (gpu.Cores.Length > 0 ? $", next to cores {gpu.Cores}" : ""));

    private static IEnumerable<HostFinding> Kernels(HostFacts host) => host.Cuda.Devices == 0 ? [] :
        [new("kernels", host.KernelProblem ?? "compile; noise, sums and updates have the CPU's bits", host.KernelProblem is not null)];

    private static HostFinding SharedMemory((long Free, long Total)? shared) => shared is not { } found
        ? new("shared memory", "no /dev/shm; gradients are in anonymous memory files, which need none")
        : new("shared memory", $"/dev/shm has {Size(found.Free)} of {Size(found.Total)} free; gradients are in anonymous memory files, which its size does not limit");

    private static HostFinding Ports(HostFacts host) => host.ListenProblem is { } problem
        ? new("ports", $"cannot listen on 127.0.0.1: {problem}", Wrong: true)
        : new("ports", host.PortsInUse.Count == 0
            ? $"can listen; {ControlPort} and {DashboardPort}, those of `dipnet serve`, are free"
            : $"can listen; {string.Join(" and ", host.PortsInUse)} {(host.PortsInUse.Count == 1 ? "is" : "are")} in use: `dipnet serve` needs --port and --dashboard-port, or runs already");

    private static HostFinding Limits(string limits)
    {
        var files = ProcessLimits.Soft(limits, "Max open files");
        var locked = ProcessLimits.Soft(limits, "Max locked memory");
        var low = files < LeastFiles;
        return new("limits", $"open files {files?.ToString(CultureInfo.InvariantCulture) ?? "unlimited"}{(low ? $": raise it to at least {LeastFiles} (ulimit -n)" : "")}, "
            + $"locked memory {(locked is { } bytes ? Size(bytes) : "unlimited")} (CUDA's pinned memory does not count)", low);
    }

    private static string Of(string before, int cuda) => CudaState.Version(cuda) is { Length: > 0 } version ? before + version : "";

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";

    private static string Size(long bytes) => bytes >= GiB / 10
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)GiB:F1} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:N0} KiB");
}
