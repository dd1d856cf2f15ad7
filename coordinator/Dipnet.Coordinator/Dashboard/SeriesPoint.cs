namespace Dipnet.Coordinator.Dashboard;

/// <summary>A value of a series at a step.</summary>
public readonly record struct SeriesPoint(ulong Step, double Value);
