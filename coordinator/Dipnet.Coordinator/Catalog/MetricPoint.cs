namespace Dipnet.Coordinator.Catalog;

/// <summary>One point of a series; the mean of the steps that it stands for.</summary>
/// <param name="Step">The first step that it stands for; 0 is a job's first.</param>
[GenerateSerializer, Immutable]
public readonly record struct MetricPoint([property: Id(0)] ulong Step, [property: Id(1)] double Value);
