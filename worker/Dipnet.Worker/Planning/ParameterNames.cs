using Dipnet.Exchange;

namespace Dipnet.Worker.Planning;

/// <summary>Collects a model's parameters and puts them in the order of the flat buffers.</summary>
internal sealed class ParameterNames
{
    private readonly List<PlannedParameter> _all = [];

    public void Add(string name, int block, bool trained, params long[] shape) => _all.Add(new(name, shape, ParameterGroup.Weights, block, trained));

    public void AddProjection(string name, int block, params long[] shape) => _all.Add(new($"{name}.rho", shape, ParameterGroup.Projections, block));

    /// <summary>A layer with weight [outputs, inputs] and a bias.</summary>
    public void AddLinear(string name, int block, long inputs, long outputs)
    {
        Add($"{name}.weight", block, true, outputs, inputs);
        Add($"{name}.bias", block, true, outputs);
    }

    public void AddNorm(string name, int block, long width, bool trained = true, bool bias = true)
    {
        Add($"{name}.weight", block, trained, width);
        if (bias)
        {
            Add($"{name}.bias", block, trained, width);
        }
    }

    public IReadOnlyList<PlannedParameter> InOrder() => [.. _all.Select((p, i) => (p, i)).OrderBy(p => p.p.Group).ThenBy(p => p.p.Block).ThenBy(p => p.i).Select(p => p.p)];
}
