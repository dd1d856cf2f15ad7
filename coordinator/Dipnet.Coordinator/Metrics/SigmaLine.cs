namespace Dipnet.Coordinator.Metrics;

/// <summary>Standard deviations of one projection at a step.</summary>
[GenerateSerializer, Immutable]
internal readonly record struct SigmaLine([property: Id(0)] string Layer, [property: Id(1)] double Mean, [property: Id(2)] double Min, [property: Id(3)] double Max);
