using Dipnet.Coordinator.Catalog;

namespace Dipnet.Coordinator.Dashboard.Charts;

/// <summary>
/// The rows of a chart: x, then a value (or null) for each series. Holds at most <c>limit</c> rows: when full, every second row is
/// dropped and <see cref="Epoch"/> changes, which tells a reader that it cannot go on with only the new rows. Not thread safe.
/// </summary>
public sealed class ChartData(IReadOnlyList<ChartSeries> series, int limit = 600)
{
    private readonly List<double?[]> rows = [];

    public IReadOnlyList<ChartSeries> Series { get; } = series;

    public IReadOnlyList<double?[]> Rows => rows;

    public int Epoch { get; private set; }

    /// <summary>Adds a row; one that is not to the right of the last is dropped.</summary>
    public void Append(double x, params ReadOnlySpan<double> values)
    {
        if (rows.Count > 0 && x <= rows[^1][0])
        {
            return;
        }

        var row = new double?[Series.Count + 1];
        row[0] = x;
        for (var i = 0; i < Series.Count && i < values.Length; i++)
        {
            row[i + 1] = double.IsFinite(values[i]) ? values[i] : null;
        }

        rows.Add(row);
        if (rows.Count > limit)
        {
            Thin();
        }
    }

    /// <summary>Replaces everything by the union of the series' points by step. A series that is longer than the limit is thinned.</summary>
    public void Load(IReadOnlyList<IReadOnlyList<MetricPoint>> points)
    {
        var byStep = new SortedDictionary<ulong, double?[]>();
        for (var i = 0; i < points.Count && i < Series.Count; i++)
        {
            foreach (var (step, value) in points[i])
            {
                if (!byStep.TryGetValue(step, out var row))
                {
                    byStep[step] = row = new double?[Series.Count + 1];
                    row[0] = step;
                }

                row[i + 1] = double.IsFinite(value) ? value : null;
            }
        }

        rows.Clear();
        rows.AddRange(byStep.Values);
        Epoch++;
        while (rows.Count > limit)
        {
            Thin();
        }
    }

    // The newest row stays, so the right end of a curve never jumps back.
    private void Thin()
    {
        var newest = rows.Count - 1;
        var kept = rows.Where((_, i) => (newest - i) % 2 == 0).ToList();
        rows.Clear();
        rows.AddRange(kept);
        Epoch++;
    }
}
