using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>Norm, mean over tokens, projection, linear map; [N, T, D] to logits [N, classes].</summary>
internal sealed class ClassifierHead : nn.Module<Tensor, Tensor>
{
#pragma warning disable IDE1006 // names of fields are names in state dictionaries
    private readonly LayerNorm norm;
    private readonly GaussianProjection? projection;
    private readonly Linear linear;
#pragma warning restore IDE1006

    public ClassifierHead(int dim, int classes, GaussianProjection? projection)
        : base(nameof(ClassifierHead))
    {
        norm = nn.LayerNorm(dim);
        this.projection = projection;
        linear = nn.Linear(dim, classes);
        RegisterComponents();
    }

    public Parameter Weight => linear.weight;

    public override Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        x = norm.call(x).mean([1]);
        if (projection is not null)
            x = projection.call(x);
        return linear.call(x).MoveToOuterDisposeScope();
    }
}
