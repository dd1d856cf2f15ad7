using Dipnet.Coordinator.Catalog;
using Dipnet.Coordinator.Metrics;
using Dipnet.Coordinator.RunFolders;

namespace Dipnet.Coordinator.Grains;

internal sealed class MetricsGrain : Grain, IMetricsGrain
{
    /// <summary>Points kept of each series.</summary>
    private const int Capacity = 2048;

    private readonly SortedDictionary<string, BoundedSeries> _series = new(StringComparer.Ordinal);
    private bool _loaded;
    private ulong _next;

    public Task Append(string runFolder, StepLine[] lines)
    {
        Load(runFolder);
        foreach (var line in lines)
        {
            Add(line);
        }

        return Task.CompletedTask;
    }

    public Task<MetricPoint[]> Read(string runFolder, string name, int points)
    {
        Load(runFolder);
        return Task.FromResult<MetricPoint[]>(_series.TryGetValue(name, out var series) ? [.. series.Read(points)] : []);
    }

    public Task<string[]> Names(string runFolder)
    {
        Load(runFolder);
        return Task.FromResult(_series.Keys.ToArray());
    }

    private void Load(string runFolder)
    {
        if (_loaded)
        {
            return;
        }

        _loaded = true;
        try
        {
            foreach (var line in MetricsFile.ReadAll(RunFolder.MetricsOf(runFolder)))
            {
                Add(line);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A series without its beginning is better than none; the job itself reports that its folder can't be read.
        }
    }

    private void Add(StepLine line)
    {
        // The file is written before the line comes here, so the first line after a load may be known already.
        if (line.Step < _next)
        {
            return;
        }

        _next = line.Step + 1;
        foreach (var (name, value) in StepSeries.Of(line))
        {
            if (!_series.TryGetValue(name, out var series))
            {
                _series[name] = series = new BoundedSeries(Capacity);
            }

            series.Add(line.Step, value);
        }
    }
}
