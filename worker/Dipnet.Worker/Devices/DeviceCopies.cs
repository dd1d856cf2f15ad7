using Dipnet.Worker.Hosting;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Devices;

/// <summary>The copies that a device needs.</summary>
internal static class DeviceCopies
{
    /// <summary>Null for the CPU, whose memory is the host's.</summary>
    /// <exception cref="DeviceException">The CUDA runtime is not there or fails.</exception>
    public static IDeviceCopies? Of(Device device) => device.type switch
    {
        DeviceType.CPU => null,
        DeviceType.CUDA => new CudaCopies(
            CudaRuntime.Loaded() ?? throw new DeviceException(ExitCode.Missing, $"{device}: libtorch has loaded no libcudart"), Math.Max(0, device.index)),
        _ => throw new DeviceException(ExitCode.Configuration, $"device {device}: must be cpu or cuda:N"),
    };
}
