using Dipnet.Exchange;
using Dipnet.Protos;

namespace Dipnet.Worker.Optimization;

/// <summary>
/// Updates the flat parameters from the reduced gradient where it lies. In the weights group decay applies to parameters of two or more dimensions (matrices,
/// embeddings), not to biases and norms; in the projections group to all. Training thread only.
/// </summary>
internal sealed unsafe class FlatOptimizer : IUpdate
{
    private readonly OptimizerSpec _spec;
    private readonly IReadOnlyList<OptimizerSegment> _segments;
    private readonly long _weightsElements;
    private readonly float* _parameters, _first, _second;

    /// <param name="spec">Options of both groups.</param>
    /// <param name="segments">In offset order, cover the layout.</param>
    /// <param name="parameters">Flat parameters.</param>
    /// <param name="first">First moment, or the velocity of sgd.</param>
    /// <param name="second">Second moment; may be null when no group is adamw.</param>
    public FlatOptimizer(OptimizerSpec spec, IReadOnlyList<OptimizerSegment> segments, float* parameters, float* first, float* second)
    {
        (_spec, _segments) = (spec, segments);
        _weightsElements = segments.Where(s => s.Group == ParameterGroup.Weights).Sum(s => s.Count);
        _parameters = parameters;
        _first = first;
        _second = second;
    }

    /// <summary>True when a group needs the second moment.</summary>
    public static bool NeedsSecondMoment(OptimizerSpec spec) => spec.Weights.Kind == "adamw" || spec.Projections.Kind == "adamw";

    public (double Weights, double Projections) SumsOfSquares(ReducedGradient gradient)
    {
        GradientNorm weights = default, projections = default;
        foreach (var span in gradient.Spans)
        {
            var cut = Math.Clamp(_weightsElements - span.Offset, 0, span.Count);
            weights.Add((float*)span.Pointer, span.Offset, cut);
            projections.Add((float*)span.Pointer + cut, span.Offset + cut - _weightsElements, span.Count - cut);
        }

        return (weights.SumOfSquares(), projections.SumOfSquares());
    }

    public void Step(ReducedGradient gradient, ulong step, double rateFactor, float weightsScale, float projectionsScale)
    {
        var segment = 0;
        foreach (var span in gradient.Spans)
        {
            for (var at = span.Offset; at < span.Offset + span.Count;)
            {
                while (_segments[segment].Offset + _segments[segment].Count <= at)
                {
                    segment++;
                }

                var rule = _segments[segment];
                var count = Math.Min(rule.Offset + rule.Count, span.Offset + span.Count) - at;
                Update(rule, at, (float*)span.Pointer + (at - span.Offset), count, step, rateFactor, rule.Group == ParameterGroup.Weights ? weightsScale : projectionsScale);
                at += count;
            }
        }
    }

    private void Update(OptimizerSegment rule, long at, float* gradient, long count, ulong step, double rateFactor, float scale)
    {
        var group = rule.Group == ParameterGroup.Weights ? _spec.Weights : _spec.Projections;
        if (group.Kind == "sgd")
        {
            SgdKernel.Of(group, rule.Decays, rateFactor, scale).Apply(_parameters + at, _first + at, gradient, count);
        }
        else
        {
            AdamWKernel.Of(group, rule.Decays, step, rateFactor, scale).Apply(_parameters + at, _first + at, _second + at, gradient, count);
        }
    }
}
