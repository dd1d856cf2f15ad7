using Dipnet.Exchange;
using Dipnet.Protos;

namespace Dipnet.Worker.Optimization;

/// <summary>
/// Updates the flat parameters from the reduced gradient where it lies. In the weights group decay applies to parameters of two or more dimensions (matrices,
/// embeddings), not to biases and norms; in the projections group to all. Training thread only.
/// </summary>
internal sealed unsafe class FlatOptimizer
{
    /// <summary>Elements that a thread updates at a time.</summary>
    private const long Run = 1 << 18;

    private readonly OptimizerSpec _spec;
    private readonly ParallelOptions _parallel;
    private readonly IReadOnlyList<OptimizerSegment> _segments;
    private readonly float* _parameters, _first, _second;

    /// <param name="spec">Options of both groups.</param>
    /// <param name="segments">In offset order, cover the layout.</param>
    /// <param name="parameters">Flat parameters.</param>
    /// <param name="first">First moment, or the velocity of sgd.</param>
    /// <param name="second">Second moment; may be null when no group is adamw.</param>
    /// <param name="threads">That work on an update. Every element is updated by itself, so the bits do not depend on it.</param>
    public FlatOptimizer(OptimizerSpec spec, IReadOnlyList<OptimizerSegment> segments, float* parameters, float* first, float* second, int threads = 1)
    {
        (_spec, _segments, _parallel) = (spec, segments, new ParallelOptions { MaxDegreeOfParallelism = threads });
        _parameters = parameters;
        _first = first;
        _second = second;
    }

    /// <summary>True when a group needs the second moment.</summary>
    public static bool NeedsSecondMoment(OptimizerSpec spec) => spec.Weights.Kind == "adamw" || spec.Projections.Kind == "adamw";

    /// <summary>Sum of squares of both groups' summed gradient.</summary>
    public static (double Weights, double Projections) SumsOfSquares(IReadOnlyList<ReducedSpan> spans, long weightsElements)
    {
        GradientNorm weights = default, projections = default;
        for (var i = 0; i < spans.Count; i++)
        {
            var span = spans[i];
            var cut = Math.Clamp(weightsElements - span.Offset, 0, span.Count);
            weights.Add((float*)span.Pointer, span.Offset, cut);
            projections.Add((float*)span.Pointer + cut, span.Offset + cut - weightsElements, span.Count - cut);
        }

        return (weights.SumOfSquares(), projections.SumOfSquares());
    }

    /// <summary>One update.</summary>
    /// <param name="spans">The summed gradient, in offset order, covers the layout.</param>
    /// <param name="step">0 is the first.</param>
    /// <param name="rateFactor">Of the schedule.</param>
    /// <param name="weightsScale">1/M times the clipping factor.</param>
    /// <param name="projectionsScale">1/M.</param>
    /// <param name="updated">Called when the parameters [from, to) have their new values.</param>
    public void Step(IReadOnlyList<ReducedSpan> spans, ulong step, double rateFactor, float weightsScale, float projectionsScale, Action<long, long>? updated = null)
    {
        var segment = 0;
        var runs = new List<(OptimizerSegment Rule, long At, long Count)>();
        foreach (var span in spans)
        {
            runs.Clear();
            for (var at = span.Offset; at < span.Offset + span.Count;)
            {
                while (_segments[segment].Offset + _segments[segment].Count <= at)
                {
                    segment++;
                }

                var rule = _segments[segment];
                var count = Math.Min(Run, Math.Min(rule.Offset + rule.Count, span.Offset + span.Count) - at);
                runs.Add((rule, at, count));
                at += count;
            }

            if (_parallel.MaxDegreeOfParallelism == 1)
            {
                runs.ForEach(run => Apply(run));
            }
            else
            {
                Parallel.ForEach(runs, _parallel, run => Apply(run));
            }

            updated?.Invoke(span.Offset, span.Offset + span.Count);

            void Apply((OptimizerSegment Rule, long At, long Count) run) => Update(
                run.Rule, run.At, (float*)span.Pointer + (run.At - span.Offset), run.Count, step, rateFactor,
                run.Rule.Group == ParameterGroup.Weights ? weightsScale : projectionsScale);
        }
    }

    private void Update(OptimizerSegment rule, long at, float* gradient, long count, ulong step, double rateFactor, float scale)
    {
        var group = rule.Group == ParameterGroup.Weights ? _spec.Weights : _spec.Projections;
        var rate = (float)(group.LearningRate * rateFactor);
        var decay = rule.Decays ? group.WeightDecay : 0;
        if (group.Kind == "sgd")
        {
            new SgdKernel(rate, decay, group.Momentum, scale).Apply(_parameters + at, _first + at, gradient, count);
        }
        else
        {
            new AdamWKernel(rate, decay, group.Beta1, group.Beta2, group.Epsilon, step, scale)
                .Apply(_parameters + at, _first + at, _second + at, gradient, count);
        }
    }
}
