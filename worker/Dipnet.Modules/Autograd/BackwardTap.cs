using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>
/// Identity whose backward calls back: put on the input of block i, it fires when the gradients of all parameters of blocks ≥ i are accumulated.
/// </summary>
/// <remarks>
/// On the CPU the callback runs on the thread that called backward; on CUDA on libtorch's thread of the device, where kernels are only queued. It must
/// not block. It fires only if the input requires a gradient. An exception must not cross native frames: it is kept and <see cref="ThrowIfFailed"/>
/// throws it.
/// </remarks>
public sealed class BackwardTap : autograd.SingleTensorFunction<BackwardTap>
{
    private static Exception? failure;

    public override string Name => nameof(BackwardTap);

    /// <summary>Returns <paramref name="x"/> with <paramref name="callback"/>(<paramref name="index"/>) attached to its backward.</summary>
    public static Tensor Attach(Tensor x, Action<int> callback, int index) => apply(x, callback, index);

    /// <summary>Throws what a callback threw; call after backward.</summary>
    public static void ThrowIfFailed()
    {
        if (Interlocked.Exchange(ref failure, null) is { } e)
            throw new InvalidOperationException("A callback in backward failed.", e);
    }

    public override Tensor forward(autograd.AutogradContext context, params object[] vars)
    {
        context.save_data("callback", vars[1]);
        context.save_data("index", vars[2]);
        return (Tensor)vars[0];
    }

    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        try
        {
            ((Action<int>)context.get_data("callback"))((int)context.get_data("index"));
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref failure, e, null);
        }
        return [gradient, null!, null!];
    }
}
