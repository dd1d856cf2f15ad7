using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>
/// A model whose chosen modules get their inputs projected, without a change to the model: forward-pre hooks put a <see cref="GaussianProjection"/> in front of
/// each. Parameters are named <c>model.…</c> and <c>projections.N.rho</c>. Owns the model. Made by <see cref="ProjectedModelExtensions.WithProjections(nn.Module{Tensor, Tensor}, ProjectionOptions, Tensor, Func{string, nn.Module, bool}?)"/>.
/// </summary>
/// <remarks>Hooks run when the model calls its parts by <c>call</c>, as TorchSharp asks for, not by <c>forward</c>; a chosen module that is not seen in the sample run is an error.</remarks>
public sealed class ProjectedModel : nn.Module<Tensor, Tensor>, IStagedModel, IProjectedModel
{
    private const int InputLayer = 0;

#pragma warning disable IDE1006 // names of fields are names in state dictionaries
    private readonly nn.Module<Tensor, Tensor> model;
    private readonly ModuleList<GaussianProjection> projections;
#pragma warning restore IDE1006
    private readonly GaussianProjection? input;

    internal ProjectedModel(nn.Module<Tensor, Tensor> model, ProjectionOptions options, Tensor sample, IReadOnlyList<(string Name, nn.Module Module)> chosen)
        : base(nameof(ProjectedModel))
    {
        this.model = model;
        options.Validated();
        var inputs = InputRecorder.Record(model, sample, chosen);
        projections = new ModuleList<GaussianProjection>();
        List<(string, GaussianProjection)> named = [];
        GaussianProjection Add(string name, long[] features, int layer, int positions)
        {
            var projection = new GaussianProjection(features, layer, options.Sigma, positions);
            named.Add((name, projection));
            projections.Add(projection);
            return projection;
        }
        if (options.Input)
            input = Add("input", sample.shape[1..], InputLayer, 0);
        for (var i = 0; i < inputs.Count; i++)
        {
            var seen = inputs[i];
            // The network's own input has a projection of its own, or none was asked for.
            var projection = seen.IsNetworkInput ? null
                : seen.Shape.Length == 4 ? Add(seen.Name, [seen.Shape[1]], i + 1, 2)
                : Add(seen.Name, [seen.Shape[^1]], i + 1, 0);
            var stage = i;
            seen.Module.register_forward_pre_hook((_, x) =>
            {
                if (Tap is { } tap)
                    x = tap(stage, x);
                return projection is null ? x : projection.call(x);
            });
        }
        RegisterComponents();
        Stages = [.. inputs.Select(s => new[] { $"{nameof(model)}.{s.Name}" })];
        Projections = named;
    }

    /// <summary>The model as it was given.</summary>
    public nn.Module<Tensor, Tensor> Model => model;

    /// <summary>The chosen modules in the order in which the sample run reached them.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Stages { get; }

    /// <summary>The projections in forward order, named by the module whose input they project; "input": the network's own.</summary>
    public IReadOnlyList<(string Name, GaussianProjection Projection)> Projections { get; }

    public Func<int, Tensor, Tensor>? Tap { get; set; }

    public override Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        return model.call(input is null ? x : input.call(x)).MoveToOuterDisposeScope();
    }
}
