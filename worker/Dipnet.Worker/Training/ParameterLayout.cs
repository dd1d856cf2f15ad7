using Dipnet.Exchange;
using Dipnet.Worker.Optimization;

namespace Dipnet.Worker.Training;

/// <summary>Places of all parameters in the flat buffers: forward order, weights then projections, each at a multiple of 16 elements (64 bytes). Immutable.</summary>
internal sealed class ParameterLayout
{
    /// <summary>Elements that a parameter's start is a multiple of.</summary>
    public const int Alignment = 16;

    public ParameterLayout(IEnumerable<(string Name, long[] Shape, ParameterGroup Group, int Stage)> parameters)
    {
        var places = new List<ParameterPlace>();
        var names = new HashSet<string>();
        long at = 0;
        foreach (var (name, shape, group, stage) in parameters)
        {
            if (!names.Add(name))
            {
                throw new ArgumentException($"parameter {name} occurs twice");
            }

            if (places.Count > 0 && places[^1].Group > group)
            {
                throw new ArgumentException($"parameter {name} of the weights group follows one of the projections group");
            }

            var count = shape.Aggregate(1L, (product, extent) => product * extent);
            if (count == 0)
            {
                throw new ArgumentException($"parameter {name} has no elements");
            }

            WeightsElements = group == ParameterGroup.Weights ? Align(at + count) : WeightsElements;
            places.Add(new ParameterPlace(name, shape, group, stage, at, count));
            at = Align(at + count);
        }

        (Places, Elements) = (places, at);
    }

    public IReadOnlyList<ParameterPlace> Places { get; }

    /// <summary>Elements of a flat buffer, padding included.</summary>
    public long Elements { get; }

    /// <summary>Elements of the weights group, padding included.</summary>
    public long WeightsElements { get; }

    public GradientLayout Gradients(long bucketBytes)
    {
        var boundaries = Places.Where(p => p.Group == ParameterGroup.Weights).Select(p => p.Offset).ToArray();
        var stages = Enumerable.Range(0, Places.Max(p => p.Stage) + 1).Select(FinalFrom).Where(from => from < WeightsElements);
        return GradientLayout.Create(WeightsElements, Elements - WeightsElements, bucketBytes, boundaries, stages);
    }

    /// <summary>
    /// For stage i, the element from which on all weights are final when backward has passed the input of stage i: the start of the first run of
    /// weights, up to the end, whose stages are all i or later.
    /// </summary>
    public long FinalFrom(int stage)
    {
        var from = WeightsElements;
        for (var i = Places.Count - 1; i >= 0; i--)
        {
            if (Places[i].Group != ParameterGroup.Weights)
            {
                continue;
            }

            if (Places[i].Stage < stage)
            {
                break;
            }

            from = Places[i].Offset;
        }

        return from;
    }

    /// <summary>Runs of elements with one rule of update, in order, without gaps; decay in the weights group falls on parameters of two or more dimensions.</summary>
    public IReadOnlyList<OptimizerSegment> Segments()
    {
        var segments = new List<OptimizerSegment>();
        for (var i = 0; i < Places.Count; i++)
        {
            var place = Places[i];
            var end = i + 1 < Places.Count ? Places[i + 1].Offset : Elements;
            var decays = place.Group == ParameterGroup.Projections || place.Shape.Length >= 2;
            if (segments.Count > 0 && segments[^1].Group == place.Group && segments[^1].Decays == decays)
            {
                segments[^1] = segments[^1] with { Count = end - segments[^1].Offset };
            }
            else
            {
                segments.Add(new OptimizerSegment(place.Offset, end - place.Offset, place.Group, decays));
            }
        }

        return segments;
    }

    private static long Align(long elements) => (elements + Alignment - 1) / Alignment * Alignment;
}
