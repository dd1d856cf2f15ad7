using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>
/// Mixed precision of the current thread while it lives: matrix products run in <c>dtype</c> and keep fp32 parameters and gradients.
/// Dispose on the thread that made it; never hold one across an await.
/// </summary>
public readonly struct Autocast : IDisposable
{
    private readonly sbyte device;
    private readonly byte enabledBefore;
    private readonly sbyte dtypeBefore;
    private readonly bool changesDtype;
    private readonly bool active;

    /// <summary>Begins autocast for <paramref name="type"/> (CPU or CUDA).</summary>
    public Autocast(DeviceType type, ScalarType dtype = ScalarType.BFloat16)
    {
        device = (sbyte)type;
        enabledBefore = TorchAbi.IsAutocastEnabled(device);
        dtypeBefore = TorchAbi.GetAutocastDtype(device);
        active = true;
        // The cache of cast weights does not know for which dtype they were cast.
        changesDtype = dtypeBefore != (sbyte)dtype;
        if (changesDtype)
            TorchAbi.ClearAutocastCache();
        TorchAbi.SetAutocastEnabled(device, 1);
        TorchAbi.SetAutocastDtype(device, (sbyte)dtype);
        TorchAbi.IncrementNesting();
    }

    /// <summary>True when autocast is on for the device type on this thread.</summary>
    public static bool IsEnabled(DeviceType type) => TorchAbi.IsAutocastEnabled((sbyte)type) != 0;

    /// <summary>The dtype autocast runs matrix products in on this thread.</summary>
    public static ScalarType Dtype(DeviceType type) => (ScalarType)TorchAbi.GetAutocastDtype((sbyte)type);

    public void Dispose()
    {
        if (!active)
            return;
        // Cast weights are cached until the outermost scope ends; the optimizer changes the weights after that.
        if (TorchAbi.DecrementNesting() == 0 || changesDtype)
            TorchAbi.ClearAutocastCache();
        TorchAbi.SetAutocastEnabled(device, enabledBefore);
        TorchAbi.SetAutocastDtype(device, dtypeBefore);
    }
}
