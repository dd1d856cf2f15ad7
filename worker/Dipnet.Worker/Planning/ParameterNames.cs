using Dipnet.Exchange;

namespace Dipnet.Worker.Planning;

/// <summary>Collects a model's parameters and puts them in the order of the flat buffers.</summary>
internal sealed class ParameterNames
{
    private readonly List<PlannedParameter> _all = [];

    public void Add(string name, int stage, bool trained, params long[] shape) => _all.Add(new(name, shape, ParameterGroup.Weights, stage, trained));

    public void AddProjection(string name, int stage, params long[] shape) => _all.Add(new($"{name}.rho", shape, ParameterGroup.Projections, stage));

    /// <summary>A layer with weight [outputs, inputs] and a bias.</summary>
    public void AddLinear(string name, int stage, long inputs, long outputs)
    {
        Add($"{name}.weight", stage, true, outputs, inputs);
        Add($"{name}.bias", stage, true, outputs);
    }

    public void AddNorm(string name, int stage, long width, bool trained = true, bool bias = true)
    {
        Add($"{name}.weight", stage, trained, width);
        if (bias)
        {
            Add($"{name}.bias", stage, trained, width);
        }
    }

    public IReadOnlyList<PlannedParameter> InOrder() => [.. _all.Select((p, i) => (p, i)).OrderBy(p => p.p.Group).ThenBy(p => p.p.Stage).ThenBy(p => p.i).Select(p => p.p)];
}
