using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>(x − mean) / √(variance + ε) ⊙ w + b over the last dimension.</summary>
internal sealed class LayerNormalization : nn.Module<Tensor, Tensor>
{
#pragma warning disable IDE1006 // the names of the fields are the names of the parameters in model files
    readonly Parameter weight, bias;
#pragma warning restore IDE1006
    readonly long[] _shape;
    readonly double _epsilon;

    public LayerNormalization(string name, long width, double epsilon) : base(name)
    {
        (_shape, _epsilon) = ([width], epsilon);
        weight = new Parameter(ones(width));
        bias = new Parameter(zeros(width));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => nn.functional.layer_norm(x, _shape, weight, bias, _epsilon);
}
