namespace Dipnet.Modules;

/// <summary>A model that knows its projections, in forward order.</summary>
public interface IProjectedModel
{
    /// <summary>Name as in the model's parameter names (without ".rho") and projection; empty for a network without projections.</summary>
    IReadOnlyList<(string Name, GaussianProjection Projection)> Projections { get; }
}
