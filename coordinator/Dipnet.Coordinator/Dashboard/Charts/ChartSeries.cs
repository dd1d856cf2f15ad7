namespace Dipnet.Coordinator.Dashboard.Charts;

/// <summary>One line or layer of a chart. <paramref name="Color"/> is a CSS colour or the name of a CSS variable.</summary>
public sealed record ChartSeries(string Label, string Color, double Width = 1.6, bool Dashed = false);
