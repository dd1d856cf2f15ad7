using Dipnet.Exchange;

namespace Dipnet.Worker.Optimization;

/// <summary>The summed gradient of a step.</summary>
/// <param name="Spans">In host memory, in offset order, cover the layout.</param>
/// <param name="Slot">Of the staging that has all of it, for a worker that is alone: on a device only there, until it is published. Null: other workers took part.</param>
internal readonly record struct ReducedGradient(IReadOnlyList<ReducedSpan> Spans, int? Slot = null);
