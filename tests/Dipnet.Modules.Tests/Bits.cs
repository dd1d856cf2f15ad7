using static TorchSharp.torch;

namespace Dipnet.Modules.Tests;

internal static class Bits
{
    /// <summary>Same shape and the same value in every element.</summary>
    public static bool Same(Tensor a, Tensor b) => a.shape.AsSpan().SequenceEqual(b.shape) && a.eq(b).all().item<bool>();
}
