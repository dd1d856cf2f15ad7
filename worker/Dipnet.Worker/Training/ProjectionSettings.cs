using Dipnet.Modules;
using Dipnet.Protos;
using TorchSharp;

namespace Dipnet.Worker.Training;

/// <summary>Between a job's section on the method and the modules.</summary>
internal static class ProjectionSettings
{
    /// <summary>The method's settings of a job; null when projections are off.</summary>
    public static ProjectionOptions? Of(DipnetSpec? spec) => spec is not { Enabled: true }
        ? null
        : new ProjectionOptions
        {
            Sigma = spec.Sigma,
            Alpha = spec.Alpha,
            Beta = spec.Beta,
            Gamma = spec.Gamma,
            Trajectories = (int)spec.Trajectories,
            Where = spec.Where == "sublayers" ? ProjectionPlace.Sublayers : ProjectionPlace.Blocks,
            Input = spec.Input,
        }.Validated();

    /// <summary>σ of every projection, as reports have it.</summary>
    public static IReadOnlyList<LayerSigma> Sigma(IEnumerable<(string Name, GaussianProjection Projection)> projections) =>
        [.. projections.Select(p => SigmaOf(p.Name, p.Projection))];

    private static LayerSigma SigmaOf(string name, GaussianProjection projection)
    {
        using var scope = torch.NewDisposeScope();
        using var none = torch.no_grad();
        var sigma = (projection.rho * 0.5).exp().cpu();
        return new LayerSigma { Layer = name, Mean = sigma.mean().item<float>(), Min = sigma.min().item<float>(), Max = sigma.max().item<float>() };
    }
}
