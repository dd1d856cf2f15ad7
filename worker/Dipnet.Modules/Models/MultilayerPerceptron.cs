using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>
/// Multilayer perceptron with rectifiers. Input [N, …], N = k·b under a <see cref="NoiseScope"/>, flattened to [N, inputs]; output logits [N, classes].
/// </summary>
public sealed class MultilayerPerceptron : nn.Module<Tensor, Tensor>, IStagedModel, IProjectedModel
{
#pragma warning disable IDE1006 // names of fields are names in state dictionaries
    private readonly ModuleList<PerceptronLayer> layers;
#pragma warning restore IDE1006

    public MultilayerPerceptron(MultilayerPerceptronOptions options)
        : base(nameof(MultilayerPerceptron))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Inputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Dim, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Depth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Classes, 2);
        var projections = options.Projections?.Validated();
        var layer = 0;
        layers = new ModuleList<PerceptronLayer>();
        for (var i = 0; i <= options.Depth; i++)
        {
            var inputs = i == 0 ? options.Inputs : options.Dim;
            var projected = projections is not null && (i > 0 || projections.Input);
            layers.Add(new PerceptronLayer(inputs, i == options.Depth ? options.Classes : options.Dim, i < options.Depth,
                projected ? new GaussianProjection([inputs], layer++, projections!.Sigma) : null));
        }
        RegisterComponents();
        Stages = [.. layers.Select((_, i) => new[] { $"{nameof(layers)}.{i}" })];
        Projections = ProjectionList.Of(this);
        Initialisation.Apply(this, options.Seed);
    }

    public IReadOnlyList<IReadOnlyList<string>> Stages { get; }

    public IReadOnlyList<(string Name, GaussianProjection Projection)> Projections { get; }

    public Func<int, Tensor, Tensor>? Tap { get; set; }

    public override Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        if (x.ndim != 2)
            x = x.flatten(1);
        for (var i = 0; i < layers.Count; i++)
        {
            if (Tap is { } tap)
                x = tap(i, x);
            x = layers[i].call(x);
        }
        return x.MoveToOuterDisposeScope();
    }
}
