using Dipnet.Protos;

namespace Dipnet.Coordinator.Dashboard.Pages;

/// <summary>One figure of every run; the best is marked where more or less is plainly better and the runs differ.</summary>
internal sealed record ComparisonRow(string Name, IReadOnlyList<(string Text, bool Best)> Cells)
{
    public static IReadOnlyList<ComparisonRow> For(IReadOnlyList<JobSnapshot> runs, DateTimeOffset now)
    {
        var rows = new List<ComparisonRow>
        {
            Plain("Status", runs.Select(run => run.Status)),
            Plain("Steps", runs.Select(run => $"{Format.Count(run.CommittedSteps)} of {Format.Count(run.TotalSteps)}")),
            Plain("Workers", runs.Select(run => Format.Count(run.Workers.Count))),
            Plain("Time", runs.Select(run => Format.Duration(run.Elapsed(now)))),
            Plain("Throughput", runs.Select(run => run.ThroughputText())),
            Plain("Loss, newest", runs.Select(run => run.LossText())),
            Plain("NLL, newest", runs.Select(run => run.NllText())),
        };
        rows.AddRange(JobFigures.MetricOrder(runs.SelectMany(run => run.Metrics.Keys).Distinct()).Select(name => Metric(name, runs)));
        rows.Add(Plain("Received, weights", runs.Select(run => Format.Bytes(run.WeightsBytes))));
        rows.Add(Plain("Received, projections", runs.Select(run => Format.Bytes(run.ProjectionsBytes))));
        rows.Add(Plain("Weights SHA-256", runs.Select(run => run.WeightsSha256.Length == 0 ? Format.Unknown : run.WeightsSha256[..Math.Min(12, run.WeightsSha256.Length)])));
        return rows;
    }

    private static ComparisonRow Plain(string name, IEnumerable<string> texts) => new(name, [.. texts.Select(text => (text, false))]);

    private static ComparisonRow Metric(string name, IReadOnlyList<JobSnapshot> runs)
    {
        var values = runs.Select(run => run.Metrics.TryGetValue(name, out var value) ? value : double.NaN).ToList();
        var present = values.Where(double.IsFinite).ToList();
        double? best = present.Distinct().Count() < 2 ? null
            : name.Contains("accuracy", StringComparison.OrdinalIgnoreCase) ? present.Max()
            : name.Contains("loss", StringComparison.OrdinalIgnoreCase) || name.Contains("nll", StringComparison.OrdinalIgnoreCase) || name.Contains("perplexity", StringComparison.OrdinalIgnoreCase) ? present.Min()
            : null;
        return new(JobFigures.MetricName(name), [.. values.Select(value => (JobFigures.MetricText(name, value), value == best))]);
    }
}
