using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Dipnet.Modules;
using Dipnet.Worker.Devices;
using TorchSharp;

namespace Dipnet.Worker.Hosting;

/// <summary>Looks at everything on this host that training depends on.</summary>
internal static class HostLook
{
    public static HostFacts Look()
    {
        var (torchText, torchProblem) = Torch();
        var cuda = torchText is null ? new CudaState(Driver: null) : CudaHost.Look();
        var listen = Listen();
        var folder = Path.GetTempPath();
        return new HostFacts
        {
            System = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}, .NET {Environment.Version}",
            Supported = OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64,
            Cores = Environment.ProcessorCount,
            VectorBits = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128,
            Bfloat16 = Avx10v1.IsSupported || HasFlag("avx512_bf16"),
            Memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            Torch = torchText,
            TorchProblem = torchProblem,
            Cuda = cuda,
            Gpus = GpuList.Look(),
            KernelProblem = Kernels(cuda.Devices),
            SharedMemory = Directory.Exists("/dev/shm") && new DriveInfo("/dev/shm") is var drive ? (drive.AvailableFreeSpace, drive.TotalSize) : null,
            ListenProblem = listen,
            PortsInUse = [.. IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(e => e.Port)
                .Where(port => port is HostFindings.ControlPort or HostFindings.DashboardPort).Distinct().Order()],
            Limits = File.Exists("/proc/self/limits") ? File.ReadAllText("/proc/self/limits") : "",
            TemporaryFolder = folder,
            TemporaryFree = new DriveInfo(folder).AvailableFreeSpace,
            TemporaryProblem = Write(folder),
        };
    }

    private static (string? Text, string Problem) Torch()
    {
        try
        {
            TorchNative.Load();
            return ($"{TorchNative.Version()}, {(TorchNative.CudaLoaded ? "with CUDA" : "for the CPU only")}, from {TorchNative.LibTorchFolder}"
                + (TorchNative.Patched ? "; this system's libstdc++ is older than TorchSharp's, so a copy of its library is used that does without" : ""), "");
        }
        catch (TorchNativeException e)
        {
            return (null, e.Message);
        }
    }

    private static string? Kernels(int gpus)
    {
        try
        {
            for (var gpu = 0; gpu < gpus; gpu++)
            {
                CudaKernels.Of(gpu);
                KeyedTensor.Normal([1], default, torch.device(DeviceType.CUDA, gpu)).Dispose();
            }

            return null;
        }
        catch (Exception e) when (e is CudaProgramException or ExternalException)
        {
            return e.Message;
        }
    }

    private static string? Listen()
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return null;
        }
        catch (SocketException e)
        {
            return e.Message;
        }
    }

    private static string? Write(string folder)
    {
        try
        {
            var probe = Path.Combine(folder, $"dipnet-{Environment.ProcessId}.probe");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private static bool HasFlag(string flag) =>
        File.Exists("/proc/cpuinfo") && File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("flags", StringComparison.Ordinal))?.Split(' ').Contains(flag) == true;
}
