using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>x / √(mean(x²) + ε) ⊙ w over the last dimension, computed in fp32 (arXiv 1910.07467).</summary>
internal sealed class RootMeanSquareNorm : nn.Module<Tensor, Tensor>
{
#pragma warning disable IDE1006 // the names of the fields are the names of the parameters in model files
    readonly Parameter weight;
#pragma warning restore IDE1006
    readonly double _epsilon;

    public RootMeanSquareNorm(string name, long width, double epsilon) : base(name)
    {
        _epsilon = epsilon;
        weight = new Parameter(ones(width));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var square = x.mul(x);
        using var mean = square.mean([-1], keepdim: true);
        using var shifted = mean.add(_epsilon);
        using var scale = shifted.rsqrt();
        using var normed = x.mul(scale);
        return normed.mul(weight);
    }
}
