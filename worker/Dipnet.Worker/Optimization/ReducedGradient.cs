using Dipnet.Exchange;

namespace Dipnet.Worker.Optimization;

/// <summary>The summed gradient of a step.</summary>
/// <param name="Spans">In host memory, in offset order, cover the layout.</param>
/// <param name="Slot">Where this worker's device has all of it as well, because it computed every leaf itself; null: parts came from others.</param>
internal readonly record struct ReducedGradient(IReadOnlyList<ReducedSpan> Spans, int? Slot = null);
