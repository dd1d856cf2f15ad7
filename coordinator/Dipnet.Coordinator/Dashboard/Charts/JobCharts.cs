using System.Globalization;
using Dipnet.Coordinator.Catalog;
using Dipnet.Protos;

namespace Dipnet.Coordinator.Dashboard.Charts;

/// <summary>The charts of one job: its history once, then a row from every snapshot that brings a new step. Not thread safe.</summary>
internal sealed class JobCharts
{
    private const int HistoryPoints = 400;
    private const double Milliseconds = 1000;

    public ChartData Loss { get; } = new([new("loss", "--series-1"), new("nll", "--series-2")]);

    public ChartData Throughput { get; } = new([new("throughput", "--series-3")]);

    /// <summary>Milliseconds of a step; the layers add up to its wall time, since hidden exchange runs while the worker computes.</summary>
    public ChartData Phases { get; } = new(
    [
        new("compute", "--compute"),
        new("compute, exchange hidden under it", "--hidden"),
        new("exchange exposed", "--exposed"),
        new("optimizer", "--optimizer"),
        new("checkpoint", "--checkpoint"),
        new("data", "--data"),
    ]);

    /// <summary>Mean σ of each layer; null until the job reports layers.</summary>
    public ChartData? Sigma { get; private set; }

    public async Task LoadAsync(IJobCatalog catalog, JobSnapshot job, CancellationToken cancellationToken)
    {
        Loss.Load([await Read("loss"), await Read("nll")]);
        Throughput.Load([await Read("samplesPerSecond")]);
        var (compute, hidden) = (await ReadPhase("compute"), await ReadPhase("exchangeHidden"));
        Phases.Load(
        [
            Difference(compute, hidden), hidden, await ReadPhase("exchangeExposed"), await ReadPhase("optimizer"),
            await ReadPhase("checkpoint"), await ReadPhase("data"),
        ]);
        if (job.Sigma.Count > 0)
        {
            Sigma = new(Layers(job));
            var layers = new List<IReadOnlyList<MetricPoint>>();
            foreach (var layer in job.Sigma)
            {
                layers.Add(await Read("sigma/" + layer.Layer));
            }

            Sigma.Load(layers);
        }

        Append(job);

        Task<IReadOnlyList<MetricPoint>> Read(string name) => catalog.SeriesAsync(job.JobId, name, HistoryPoints, cancellationToken);

        async Task<IReadOnlyList<MetricPoint>> ReadPhase(string phase) =>
            [.. (await Read("seconds/" + phase)).Select(point => point with { Value = point.Value * Milliseconds })];
    }

    /// <summary>Adds the newest step of the snapshot; a step that is there already adds nothing.</summary>
    public void Append(JobSnapshot job)
    {
        if (job.CommittedSteps == 0)
        {
            return;
        }

        // committed_steps counts; the newest step is numbered one less, as in the series.
        var step = job.CommittedSteps - 1;
        if (job.HasLoss())
        {
            Loss.Append(step, job.Loss, job.Nll);
        }

        if (job.SamplesPerSecond > 0)
        {
            Throughput.Append(step, job.SamplesPerSecond);
        }

        if (job.Seconds is { Step: > 0 } s)
        {
            var hidden = Math.Min(s.ExchangeHidden, s.Compute);
            Phases.Append(step, [.. new[] { s.Compute - hidden, hidden, s.ExchangeExposed, s.Optimizer, s.Checkpoint, s.Data }.Select(seconds => seconds * Milliseconds)]);
        }

        if (job.Sigma.Count > 0)
        {
            Sigma = Sigma?.Series.Count == job.Sigma.Count ? Sigma : new(Layers(job));
            Sigma.Append(step, job.Sigma.Select(layer => layer.Mean).ToArray());
        }
    }

    /// <summary>Colours from the first layer (blue) to the last (orange), by way of violet and red.</summary>
    public static string LayerColor(int layer, int layers)
    {
        var hue = (230 + (layers <= 1 ? 0 : 160.0 * layer / (layers - 1))) % 360;
        return string.Create(CultureInfo.InvariantCulture, $"hsl({hue:0} 68% 56%)");
    }

    private static ChartSeries[] Layers(JobSnapshot job) =>
        [.. job.Sigma.Select((layer, i) => new ChartSeries(layer.Layer, LayerColor(i, job.Sigma.Count)))];

    private static List<MetricPoint> Difference(IReadOnlyList<MetricPoint> whole, IReadOnlyList<MetricPoint> part)
    {
        var parts = part.ToDictionary(point => point.Step, point => point.Value);
        return [.. whole.Select(point => point with { Value = Math.Max(0, point.Value - parts.GetValueOrDefault(point.Step)) })];
    }
}
