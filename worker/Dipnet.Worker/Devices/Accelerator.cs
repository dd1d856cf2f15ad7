using Dipnet.Worker.Hosting;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Devices;

/// <summary>What training needs of a device whose memory is not the host's.</summary>
/// <param name="Copies">Between its memory and the host's; whoever trains disposes them.</param>
/// <param name="Kernels">Sums and updates in its memory.</param>
internal sealed record Accelerator(IDeviceCopies Copies, IDeviceKernels Kernels)
{
    /// <summary>Null for the CPU, whose memory is the host's.</summary>
    /// <exception cref="DeviceException">The CUDA runtime is not there or fails.</exception>
    /// <exception cref="Dipnet.Modules.CudaProgramException">The kernels cannot be compiled, or compute otherwise than the host.</exception>
    public static Accelerator? Of(Device device)
    {
        if (device.type == DeviceType.CPU)
        {
            return null;
        }

        if (device.type != DeviceType.CUDA)
        {
            throw new DeviceException(ExitCode.Configuration, $"device {device}: must be cpu or cuda:N");
        }

        var index = Math.Max(0, device.index);
        var cuda = CudaRuntime.Loaded() ?? throw new DeviceException(ExitCode.Missing, $"{device}: libtorch has loaded no libcudart");
        return new Accelerator(new CudaCopies(cuda, index), CudaKernels.Of(index));
    }
}
