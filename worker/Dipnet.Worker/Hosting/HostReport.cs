using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Dipnet.Modules;
using TorchSharp;

namespace Dipnet.Worker.Hosting;

/// <summary>Looks at everything on this host that training depends on.</summary>
internal static class HostReport
{
    private const long GiB = 1L << 30;

    public static IReadOnlyList<HostFinding> Collect()
    {
        var findings = new List<HostFinding>
        {
            new("system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}, .NET {Environment.Version}",
                !OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture != Architecture.X64),
            new("processor", $"{Environment.ProcessorCount} cores, vectors of {(Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128)} bits"
                + (Avx10v1.IsSupported || HasFlag("avx512_bf16") ? ", bfloat16 products" : "")),
            Memory(),
        };
        var loaded = Torch(findings);
        if (loaded)
        {
            Gpu(findings);
        }

        findings.Add(SharedMemory());
        findings.Add(Ports());
        findings.Add(OpenFiles());
        findings.Add(Folder("temporary files", Path.GetTempPath()));
        return findings;
    }

    private static bool Torch(List<HostFinding> findings)
    {
        try
        {
            TorchNative.Load();
            var variant = TorchNative.CudaLoaded ? "with CUDA" : "CPU only";
            findings.Add(new("libtorch", $"{torch.__version__}, {variant}, from {TorchNative.LibTorchFolder}" + (TorchNative.Patched ? "; TorchSharp's library with a weak version need" : "")));
            return true;
        }
        catch (TorchNativeException e)
        {
            findings.Add(new("libtorch", e.Message, Wrong: true));
            return false;
        }
    }

    private static void Gpu(List<HostFinding> findings)
    {
        const string DriverFile = "/proc/driver/nvidia/version";
        var driver = File.Exists(DriverFile) ? File.ReadLines(DriverFile).FirstOrDefault() : null;
        if (driver is null)
        {
            findings.Add(new("gpu", "no NVIDIA driver; jobs run on the CPU"));
            return;
        }

        if (TorchNative.CudaProblem is { } problem)
        {
            findings.Add(new("gpu", $"{driver}; CUDA libraries do not load: {problem}", Wrong: true));
        }
        else if (!TorchNative.CudaLoaded)
        {
            findings.Add(new("gpu", $"{driver}; this build has libtorch for the CPU only: build with -p:TorchBackend=cuda or set DIPNET_LIBTORCH to a CUDA build", Wrong: true));
        }
        else if (!torch.cuda.is_available())
        {
            findings.Add(new("gpu", $"{driver}; libtorch sees no device: the driver is older than its CUDA version, or no device is visible (CUDA_VISIBLE_DEVICES)", Wrong: true));
        }
        else
        {
            findings.Add(new("gpu", $"{driver}; {torch.cuda.device_count()} devices usable"));
        }
    }

    private static HostFinding Memory()
    {
        var bytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return new("memory", $"{bytes / (double)GiB:F1} GiB for this process", bytes < GiB);
    }

    private static HostFinding SharedMemory()
    {
        const string Folder = "/dev/shm";
        if (!Directory.Exists(Folder))
        {
            return new("shared memory", "no /dev/shm; gradients are kept in anonymous memory files, which need none");
        }

        var drive = new DriveInfo(Folder);
        return new("shared memory", $"/dev/shm {drive.AvailableFreeSpace / (double)GiB:F1} of {drive.TotalSize / (double)GiB:F1} GiB free");
    }

    private static HostFinding Ports()
    {
        try
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            listener.Stop();
            return new("ports", $"can listen (tried 127.0.0.1:{port})");
        }
        catch (SocketException e)
        {
            return new("ports", $"cannot listen on 127.0.0.1: {e.Message}", Wrong: true);
        }
    }

    private static HostFinding OpenFiles()
    {
        const int Least = 256;
        var line = File.Exists("/proc/self/limits") ? File.ReadLines("/proc/self/limits").FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal)) : null;
        var soft = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is { Length: > 3 } parts ? parts[3] : "unknown";
        var low = int.TryParse(soft, out var limit) && limit < Least;
        return new("limits", $"open files {soft}" + (low ? $"; raise it to at least {Least} (ulimit -n)" : ""), low);
    }

    private static HostFinding Folder(string subject, string folder)
    {
        try
        {
            var probe = Path.Combine(folder, $"dipnet-{Environment.ProcessId}.probe");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return new(subject, $"{folder}, {new DriveInfo(folder).AvailableFreeSpace / (double)GiB:F1} GiB free");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(subject, $"{folder}: {e.Message}", Wrong: true);
        }
    }

    private static bool HasFlag(string flag) =>
        File.Exists("/proc/cpuinfo") && File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("flags", StringComparison.Ordinal))?.Split(' ').Contains(flag) == true;
}
