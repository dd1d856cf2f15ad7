using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Dipnet.Modules;

/// <summary>One layer of a perceptron: projection, linear map, and a rectifier unless it is the last. [N, in] to [N, out].</summary>
internal sealed class PerceptronLayer : nn.Module<Tensor, Tensor>
{
    private readonly bool rectify;
#pragma warning disable IDE1006 // names of fields are names in state dictionaries
    private readonly GaussianProjection? projection;
    private readonly Linear linear;
#pragma warning restore IDE1006

    public PerceptronLayer(int inputs, int outputs, bool rectify, GaussianProjection? projection)
        : base(nameof(PerceptronLayer))
    {
        this.rectify = rectify;
        this.projection = projection;
        linear = nn.Linear(inputs, outputs);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        if (projection is not null)
            x = projection.call(x);
        x = linear.call(x);
        return (rectify ? F.relu(x) : x).MoveToOuterDisposeScope();
    }
}
