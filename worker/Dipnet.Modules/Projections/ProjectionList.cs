using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>Finds the projections of a model.</summary>
public static class ProjectionList
{
    /// <summary>Every projection of the model with its name, ordered by layer number.</summary>
    public static IReadOnlyList<(string Name, GaussianProjection Projection)> Of(nn.Module model) =>
        [.. model.named_modules().Where(m => m.module is GaussianProjection).Select(m => (m.name, (GaussianProjection)m.module)).OrderBy(p => p.Item2.Layer)];
}
