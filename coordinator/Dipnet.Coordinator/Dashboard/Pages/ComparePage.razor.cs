using Dipnet.Coordinator.Catalog;
using Dipnet.Coordinator.Dashboard.Charts;
using Dipnet.Protos;
using Microsoft.AspNetCore.Components;

namespace Dipnet.Coordinator.Dashboard.Pages;

/// <summary>Loss curves and results of several jobs side by side. The choice is in the address, so that it can be shared.</summary>
public sealed partial class ComparePage
{
    private const int MaximumRuns = 6;
    private const int KnownJobs = 40;
    private const int CurvePoints = 300;
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource closed = new();
    private IReadOnlyList<JobSnapshot> known = [];
    private IReadOnlyList<JobSnapshot> runs = [];
    private ChartData? losses;
    private bool read;

    [SupplyParameterFromQuery(Name = "job")] private string[]? JobIds { get; set; }

    [Inject] private IJobCatalog Catalog { get; set; } = null!;

    [Inject] private TimeProvider Time { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    private List<string> Chosen => [.. (JobIds ?? []).Where(jobId => jobId.Length > 0).Distinct().Take(MaximumRuns)];

    public void Dispose()
    {
        closed.Cancel();
        closed.Dispose();
    }

    protected override Task OnParametersSetAsync() => ReadAsync(closed.Token);

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            _ = RefreshAsync(closed.Token);
        }
    }

    /// <summary>The run's name, and what tells it from another of that name.</summary>
    private static string Label(IReadOnlyList<JobSnapshot> runs, JobSnapshot run) =>
        runs.Count(other => other.DisplayName() == run.DisplayName()) > 1 ? $"{run.DisplayName()} {run.Mark()}" : run.DisplayName();

    private static string RunColor(int run) => $"--series-{run + 1}";

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(RefreshInterval, Time);
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (runs.Any(run => !run.HasEnded()))
                {
                    await InvokeAsync(async () =>
                    {
                        await ReadAsync(cancellationToken);
                        StateHasChanged();
                    });
                }
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // The page was closed.
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var chosen = Chosen;
        var found = new List<JobSnapshot>();
        var curves = new List<IReadOnlyList<MetricPoint>>();
        try
        {
            known = await Catalog.ListAsync(KnownJobs, cancellationToken);
            foreach (var jobId in chosen)
            {
                if (await Catalog.GetAsync(jobId, cancellationToken) is { } job)
                {
                    found.Add(job);
                    curves.Add(await Catalog.SeriesAsync(jobId, "loss", CurvePoints, cancellationToken));
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        read = true;
        if (losses is null || !found.Select(run => run.JobId).SequenceEqual(runs.Select(run => run.JobId)))
        {
            losses = new([.. found.Select((run, i) => new ChartSeries(Label(found, run), RunColor(i), 1.8))], limit: CurvePoints * MaximumRuns);
        }

        runs = found;
        losses.Load(curves);
    }

    private void Toggle(string jobId)
    {
        var chosen = Chosen;
        if (!chosen.Remove(jobId))
        {
            chosen.Add(jobId);
        }

        Navigation.NavigateTo("compare?" + string.Join('&', chosen.Select(id => "job=" + Uri.EscapeDataString(id))));
    }
}
