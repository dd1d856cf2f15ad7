using Dipnet.Cli.Connections;
using Dipnet.Cli.Devices;
using Dipnet.Cli.Hosting;
using Dipnet.Cli.Output;
using Dipnet.Protos;

namespace Dipnet.Cli.Commands;

/// <summary>Runs jobs one after another on worker processes of this machine, under one coordinator.</summary>
internal sealed class LocalRun(Screen screen, Uri coordinator, string runDirectory, DevicePlan devices, TimeProvider time)
{
    /// <summary>How long a cancelled job, or one without workers, may take to say how it ended.</summary>
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(5);

    /// <summary>Trains to the end; the snapshot is final. An interruption cancels the job first.</summary>
    public async Task<JobSnapshot> RunAsync(JobSpec job, CancellationToken interrupted)
    {
        using var client = new JobClient(coordinator, time);
        var submitted = await client.SubmitAsync(new SubmitRequest { Job = job, RunDirectory = runDirectory }, interrupted);
        screen.Say($"job {submitted.JobId}");
        await using var pool = new WorkerPool(coordinator, devices, job.ThreadsPerWorker, time);
        pool.Start(job.Workers.Count);

        using var watch = new CancellationTokenSource();
        var shown = new ProgressView(screen, time).ShowAsync(client.WatchAsync(submitted.JobId, watch.Token));
        await Task.WhenAny(shown, pool.AllExited, Interrupted(interrupted));
        if (!shown.IsCompleted)
        {
            await EndAsync(client, submitted.JobId, shown, interrupted.IsCancellationRequested);
            await watch.CancelAsync();
        }

        var final = await FinalAsync(client, submitted.JobId, shown);
        if (final.Status == "failed")
        {
            Explain(final, pool);
        }

        return final;
    }

    private static async Task<JobSnapshot> FinalAsync(JobClient client, string job, Task<JobSnapshot> shown)
    {
        try
        {
            return await shown;
        }
        catch (OperationCanceledException)
        {
            return await client.GetAsync(job, CancellationToken.None);
        }
    }

    /// <summary>The user stops it, or no worker is left that could go on.</summary>
    private async Task EndAsync(JobClient client, string job, Task shown, bool byUser)
    {
        if (!byUser)
        {
            await Task.WhenAny(shown, Task.Delay(EndTime, time));
        }

        if (!shown.IsCompleted)
        {
            await (byUser ? client.CancelAsync(job, CancellationToken.None) : client.FailAsync(job, "every worker process has ended", CancellationToken.None));
            await Task.WhenAny(shown, Task.Delay(EndTime, time));
        }
    }

    private void Explain(JobSnapshot final, WorkerPool pool)
    {
        screen.Error($"{final.JobId} failed: {final.Reason}");
        foreach (var failure in pool.Failures())
        {
            screen.Error(failure);
        }
    }

    private static Task Interrupted(CancellationToken token)
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        token.Register(source.SetResult);
        return source.Task;
    }
}
