using Dipnet.Coordinator.Catalog;
using Dipnet.Coordinator.Metrics;

namespace Dipnet.Coordinator.Grains;

/// <summary>A job's series in bounded memory, by its id. What it forgets it reads again from the run's metrics.jsonl.</summary>
internal interface IMetricsGrain : IGrainWithStringKey
{
    [OneWay]
    Task Append(string runFolder, [Immutable] StepLine[] lines);

    Task<MetricPoint[]> Read(string runFolder, string name, int points);

    Task<string[]> Names(string runFolder);
}
