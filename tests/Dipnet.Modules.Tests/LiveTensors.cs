using static TorchSharp.torch;

namespace Dipnet.Modules.Tests;

internal static class LiveTensors
{
    /// <summary>Tensors that something still holds: what earlier tests left to the finalizer is gone first.</summary>
    public static long Count()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }
}
