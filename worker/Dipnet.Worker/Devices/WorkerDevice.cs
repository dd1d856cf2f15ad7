using Dipnet.Modules;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Devices;

/// <summary>The device of this process, for its life.</summary>
internal static class WorkerDevice
{
    /// <summary>Chooses it, and keeps the process to its cores when it is a GPU.</summary>
    /// <param name="text">auto, cpu, cuda or cuda:N.</param>
    /// <param name="say">Gets a line about the cores of a GPU.</param>
    /// <exception cref="DeviceException">It cannot be used.</exception>
    public static Device Take(string text, Action<string> say)
    {
        var device = Find(text);
        if (device.type == DeviceType.CPU)
        {
            return device;
        }

        DeterministicKernels.Require();
        var gpu = device.index;
        var cores = GpuCores.Find(GpuCores.PciFolder, CudaRuntime.Loaded()?.PciAddress(gpu), ThreadCores.Allowed());
        say($"cuda:{gpu}: {(cores.Cores.Count > 0 && !ThreadCores.KeepProcess(cores.Cores) ? "not pinned to cores: the kernel refuses" : cores.Text)}");
        return device;
    }

    /// <summary>Chooses a device and does nothing else.</summary>
    /// <param name="text">auto, cpu, cuda or cuda:N.</param>
    /// <exception cref="DeviceException">It cannot be used.</exception>
    public static Device Find(string text)
    {
        if (text == "cpu")
        {
            return torch.CPU;
        }

        var state = CudaHost.Look();
        return DeviceChoice.Gpu(text, state.Devices, state.Problem) is { } gpu ? torch.device(DeviceType.CUDA, gpu) : torch.CPU;
    }
}
