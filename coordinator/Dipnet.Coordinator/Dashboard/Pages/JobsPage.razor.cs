using Dipnet.Coordinator.Catalog;
using Dipnet.Protos;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Logging;

namespace Dipnet.Coordinator.Dashboard.Pages;

/// <summary>The list of jobs, a page at a time, refreshed while it is open.</summary>
public sealed partial class JobsPage
{
    private const int PageSize = 20;
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource closed = new();
    private readonly HashSet<string> chosen = [];
    private IReadOnlyList<JobSnapshot>? jobs;
    private bool hasMore;
    private int page;
    private string? fault;

    [Inject] private IJobCatalog Catalog { get; set; } = null!;

    [Inject] private TimeProvider Time { get; set; } = null!;

    [Inject] private NavigationManager Navigation { get; set; } = null!;

    [Inject] private ILogger<JobsPage> Logger { get; set; } = null!;

    public void Dispose()
    {
        closed.Cancel();
        closed.Dispose();
    }

    protected override Task OnInitializedAsync() => ReadAsync(closed.Token);

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            _ = RefreshAsync(closed.Token);
        }
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(RefreshInterval, Time);
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await InvokeAsync(async () =>
                {
                    await ReadAsync(cancellationToken);
                    StateHasChanged();
                });
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // The page was closed.
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            // One more than is shown tells whether there is an older page.
            var newest = await Catalog.ListAsync(((page + 1) * PageSize) + 1, cancellationToken);
            jobs = [.. newest.Skip(page * PageSize).Take(PageSize)];
            hasMore = newest.Count > (page + 1) * PageSize;
            fault = null;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (fault is null)
            {
                DashboardLog.ListUnreadable(Logger, exception);
            }

            fault = exception.Message;
        }
    }

    private async Task TurnAsync(int pages)
    {
        page = Math.Max(0, page + pages);
        await ReadAsync(closed.Token);
    }

    private void Choose(string jobId)
    {
        if (!chosen.Remove(jobId))
        {
            chosen.Add(jobId);
        }
    }

    private void Compare() => Navigation.NavigateTo("compare?" + string.Join('&', chosen.Select(jobId => "job=" + Uri.EscapeDataString(jobId))));
}
