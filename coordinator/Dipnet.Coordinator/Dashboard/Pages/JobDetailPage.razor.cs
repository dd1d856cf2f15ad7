using Dipnet.Coordinator.Catalog;
using Dipnet.Coordinator.Dashboard.Charts;
using Dipnet.Protos;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Logging;

namespace Dipnet.Coordinator.Dashboard.Pages;

/// <summary>One job, followed while the page is open.</summary>
public sealed partial class JobDetailPage
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource closed = new();
    private JobSnapshot? job;
    private JobCharts charts = new();
    private StragglerWatch stragglers = new();
    private CancellationTokenSource? following;
    private string? followed;
    private bool read;
    private string? fault;
    private Question question;
    private int wanted;

    private enum Question
    {
        None,
        Cancel,
        Scale,
    }

    [Parameter] public string JobId { get; set; } = "";

    [Inject] private IJobCatalog Catalog { get; set; } = null!;

    [Inject] private TimeProvider Time { get; set; } = null!;

    [Inject] private ILogger<JobDetailPage> Logger { get; set; } = null!;

    public void Dispose()
    {
        following?.Dispose();
        closed.Cancel();
        closed.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (followed != JobId)
        {
            following?.Cancel();
            following?.Dispose();
            following = CancellationTokenSource.CreateLinkedTokenSource(closed.Token);
            (followed, job, read, fault, question) = (JobId, null, false, null, Question.None);
            (charts, stragglers) = (new(), new());
            await ReadAsync(following.Token);

            // Only a page with a connection to a browser follows the job; the first rendering is over when it is sent.
            if (RendererInfo.IsInteractive && job is { } found && !found.HasEnded())
            {
                _ = FollowAsync(JobId, following.Token);
            }
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            job = await Catalog.GetAsync(JobId, cancellationToken);
            if (job is { } found)
            {
                await charts.LoadAsync(Catalog, found, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        read = true;
    }

    private async Task FollowAsync(string jobId, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var snapshot in Catalog.WatchAsync(jobId, cancellationToken))
                {
                    await InvokeAsync(() => Show(snapshot));
                }

                return;
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                DashboardLog.WatchInterrupted(Logger, jobId, exception);
                await InvokeAsync(() => ShowFault($"The job cannot be followed now: {exception.Message}"));
            }

            await Task.Delay(RetryDelay, Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Show(JobSnapshot snapshot)
    {
        job = snapshot;
        fault = null;
        question = snapshot.HasEnded() ? Question.None : question;
        charts.Append(snapshot);
        stragglers.Observe(snapshot);
        StateHasChanged();
    }

    private void ShowFault(string message)
    {
        fault = message;
        StateHasChanged();
    }

    private void AskCancel() => question = Question.Cancel;

    private void AskScale() => (question, wanted) = (Question.Scale, Math.Max(1, job?.AliveWorkers() ?? 1));

    private void Unask() => question = Question.None;

    private Task CancelAsync() => ActAsync("cancel", token => Catalog.CancelAsync(JobId, token));

    private Task ScaleAsync() => ActAsync("scale", token => Catalog.ScaleAsync(JobId, wanted, token));

    private async Task ActAsync(string action, Func<CancellationToken, Task<JobSnapshot?>> act)
    {
        DashboardLog.ActionAsked(Logger, action, JobId);
        try
        {
            if (await act(closed.Token) is { } changed)
            {
                Show(changed);
            }
        }
        catch (Exception exception) when (!closed.IsCancellationRequested)
        {
            ShowFault($"The coordinator did not {action} the job: {exception.Message}");
        }

        Unask();
    }
}
