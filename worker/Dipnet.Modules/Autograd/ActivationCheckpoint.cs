using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>
/// Runs a part of a model without keeping its activations and runs it again in backward. Gradients are the same bits: the noise is keyed, so the second run
/// draws what the first drew. Costs about one more forward of that part.
/// </summary>
public sealed class ActivationCheckpoint : autograd.SingleTensorFunction<ActivationCheckpoint>
{
    private static Exception? failure;

    // The gradient given to the engine, which keeps a reference of its own; ours goes when the next one is given.
    [ThreadStatic]
    private static Tensor? handedOver;

    public override string Name => nameof(ActivationCheckpoint);

    /// <summary>y = block(x). The block must be a function of x, its parameters and the noise scope alone.</summary>
    public static Tensor Run(nn.Module<Tensor, Tensor> block, Tensor x) => Run(block.call, x);

    /// <summary>y = function(x); see the overload over a module.</summary>
    public static Tensor Run(Func<Tensor, Tensor> function, Tensor x) => Run((input, _) => function(input), x, []);

    /// <summary>
    /// y = function(x, constants). The constants (masks, tables) get no gradient; they are kept for the second run, also when the caller disposes them
    /// before backward.
    /// </summary>
    public static Tensor Run(Func<Tensor, IReadOnlyList<Tensor>, Tensor> function, Tensor x, IReadOnlyList<Tensor> constants)
    {
        if (!torch.is_grad_enabled())
            return function(x, constants);
        if (x.requires_grad)
            return apply(x, function, constants);
        // The engine enters backward only through an input that requires a gradient; the parameters are not inputs of this function.
        using var leaf = x.detach().requires_grad_(true);
        return apply(leaf, function, constants);
    }

    /// <summary>Throws what a second run threw; call after backward.</summary>
    public static void ThrowIfFailed()
    {
        if (Interlocked.Exchange(ref failure, null) is { } e)
            throw new InvalidOperationException("Running a checkpointed block again in backward failed.", e);
    }

    public override Tensor forward(autograd.AutogradContext context, params object[] vars)
    {
        var x = (Tensor)vars[0];
        var function = (Func<Tensor, IReadOnlyList<Tensor>, Tensor>)vars[1];
        var constants = (IReadOnlyList<Tensor>)vars[2];
        context.save_data("function", function);
        context.save_data("noise", NoiseScope.Capture());
        context.save_data("precision", AutocastState.Capture(x.device_type));
        context.save_for_backward([x, .. constants]);
        using var scope = torch.NewDisposeScope();
        return function(x, constants).MoveToOuterDisposeScope();
    }

    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        try
        {
            using var scope = torch.NewDisposeScope();
            using var noise = NoiseScope.Replay((NoisePoint)context.get_data("noise"));
            using var precision = ((AutocastState)context.get_data("precision")).Enter();
            using var enabled = torch.enable_grad();
            var saved = context.get_saved_variables();
            var x = saved[0].detach().requires_grad_(true);
            var y = ((Func<Tensor, IReadOnlyList<Tensor>, Tensor>)context.get_data("function"))(x, [.. saved.Skip(1)]);
            y.backward([gradient]);
            handedOver?.Dispose();
            handedOver = x.grad!.DetachFromDisposeScope();
            return [handedOver, null!, null!];
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref failure, e, null);
            return [torch.zeros_like(gradient), null!, null!];
        }
    }
}
