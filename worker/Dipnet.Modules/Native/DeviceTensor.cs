using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>Inputs on their way to a device.</summary>
public static class DeviceTensor
{
    /// <summary>
    /// A new tensor of the host, on a device; the tensor itself is disposed unless it stays the result. To a GPU it goes by pinned memory, so that the caller goes on while
    /// the GPU computes: a plain copy would wait for all that is queued.
    /// </summary>
    public static Tensor Send(Tensor host, Device device)
    {
        if (device.type == DeviceType.CPU)
            return host;
        using (host)
        using (var pinned = host.pin_memory())
            return pinned.to(device, non_blocking: true);
    }
}
