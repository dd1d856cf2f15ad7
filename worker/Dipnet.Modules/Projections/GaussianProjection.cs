using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>
/// Projects its input into a learnable Gaussian: u = v + exp(ρ/2) ⊙ ε, ε ~ N(0, I), ρ = ln λ trained, so that λ stays positive. Noise comes from the
/// thread's <see cref="NoiseScope"/>; without one the output is the input itself.
/// </summary>
/// <remarks>
/// Input [k·b, …, features…, (positions…)], output of the same shape. λ's shape is <c>features</c>; it is the same for all other dimensions: tokens
/// [N, T, D] have features [D]; images [N, C, H, W] have features [C] and two position dimensions; pixels have features [C, H, W].
/// ∂u/∂ρ = ½ exp(ρ/2) ε.
/// </remarks>
public sealed class GaussianProjection : nn.Module<Tensor, Tensor>
{
    private readonly long[] broadcast;

#pragma warning disable IDE1006 // the field's name is the parameter's name in state dictionaries and checkpoints
    /// <summary>ρ = ln λ, of shape <c>features</c>.</summary>
    public readonly Parameter rho;
#pragma warning restore IDE1006

    /// <param name="features">Shape of λ.</param>
    /// <param name="layer">Number of this projection in its model: part of the noise key, so unique in a model; 0 … 65535.</param>
    /// <param name="sigma">Initial standard deviation, √λ.</param>
    /// <param name="positions">Dimensions of the input after the features, over which λ is the same (2 for images with one λ a channel).</param>
    public GaussianProjection(ReadOnlySpan<long> features, int layer, float sigma, int positions = 0)
        : base(nameof(GaussianProjection))
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(layer, ushort.MaxValue);
        if (!(sigma > 0) || !float.IsFinite(sigma))
            throw new ArgumentOutOfRangeException(nameof(sigma), sigma, "must be finite and above 0");
        Layer = layer;
        Positions = positions;
        broadcast = [.. features, .. Enumerable.Repeat(1L, positions)];
        rho = new Parameter(torch.full(features.ToArray(), 2 * MathF.Log(sigma)));
        RegisterComponents();
    }

    /// <summary>Number of this projection in its model.</summary>
    public int Layer { get; }

    /// <summary>Dimensions of the input after the features.</summary>
    public int Positions { get; }

    public override Tensor forward(Tensor v)
    {
        if (NoiseScope.Current is not { } scope)
            return v;
        CheckShape(v);
        using var inner = torch.NewDisposeScope();
        var noise = scope.Normal(v.shape, Layer, v.device);
        var sigma = (rho * 0.5f).exp();
        if (Positions > 0)
            sigma = sigma.view(broadcast);
        return torch.addcmul(v, noise, sigma, 1f).MoveToOuterDisposeScope();
    }

    private void CheckShape(Tensor v)
    {
        var shape = v.shape;
        var first = shape.Length - broadcast.Length;
        var fits = first >= 1;
        for (var i = 0; fits && i < rho.ndim; i++)
            fits = shape[first + i] == broadcast[i];
        if (!fits)
            throw new ArgumentException($"projection {Layer}: input [{string.Join(", ", shape)}] does not end with features [{string.Join(", ", rho.shape)}] and {Positions} positions, after at least one batch dimension");
    }
}
