using Dipnet.Cli.Connections;
using Dipnet.Cli.Devices;
using Dipnet.Cli.Hosting;
using Dipnet.Cli.Output;
using Dipnet.Protos;

namespace Dipnet.Cli.Drills;

/// <summary>Trains one job undisturbed and disturbed, on worker processes and a coordinator process of this machine.</summary>
internal sealed class DrillRun(Screen screen, string runDirectory, DevicePlan devices, TimeProvider time)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    public async Task<DrillOutcome> RunAsync(JobSpec job, IReadOnlyList<PlannedFault> faults, CancellationToken cancellation)
    {
        await using var coordinator = new CoordinatorProcess(runDirectory, time);
        await coordinator.StartAsync(cancellation);
        using var client = new JobClient(coordinator.Control, time);

        screen.Say("undisturbed");
        var (undisturbed, _) = await TrainAsync(coordinator, client, job, [], cancellation);
        if (undisturbed.Status != "completed")
        {
            throw new CommandException(ExitCode.Failed, $"the undisturbed run {undisturbed.Status}: {undisturbed.Reason}");
        }

        screen.Say($"disturbed by {string.Join(", ", faults)}");
        var (disturbed, outcomes) = await TrainAsync(coordinator, client, job, faults, cancellation);
        if (disturbed.Status != "completed")
        {
            screen.Error($"the disturbed run {disturbed.Status}: {disturbed.Reason}");
        }

        return new DrillOutcome(undisturbed, disturbed, DrillTimes.Of(outcomes, disturbed, DrillTimes.Commits(disturbed.RunFolder)));
    }

    private async Task<(JobSnapshot Final, IReadOnlyList<FaultOutcome> Outcomes)> TrainAsync(
        CoordinatorProcess coordinator, JobClient client, JobSpec job, IReadOnlyList<PlannedFault> faults, CancellationToken cancellation)
    {
        var request = new SubmitRequest { Job = job, RunDirectory = runDirectory };
        request.Faults.AddRange(faults.Where(fault => fault.ByWorker).Select(fault => fault.ToString()));
        var submitted = await client.SubmitAsync(request, cancellation);
        await using var pool = new WorkerPool(coordinator.Control, devices, job.ThreadsPerWorker, time);
        pool.Start(job.Workers.Count);

        JobSnapshot? newest = null;
        var watch = new FaultWatch(faults, time);
        var joiners = new List<int>();
        var shown = new ProgressView(screen, time).ShowAsync(Follow(client.WatchAsync(submitted.JobId, cancellation)));
        while (!shown.IsCompleted)
        {
            Look(newest);
            foreach (var fault in watch.Due(newest?.CommittedSteps ?? 0))
            {
                await CarryOutAsync(fault, coordinator, pool, joiners, cancellation);
            }

            await Task.WhenAny(shown, Task.Delay(LookInterval, time, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }

        var final = await shown;
        Look(final);
        if (final.Status == "failed")
        {
            foreach (var failure in pool.Failures())
            {
                screen.Error(failure);
            }
        }

        return (final, watch.Outcomes);

        void Look(JobSnapshot? job)
        {
            watch.Look(pool.Workers, job?.Generation ?? 0);
            if (job is not null)
            {
                watch.Look(joiners, job);
            }
        }

        async IAsyncEnumerable<JobSnapshot> Follow(IAsyncEnumerable<JobSnapshot> snapshots)
        {
            await foreach (var snapshot in snapshots)
            {
                newest = snapshot;
                yield return snapshot;
            }
        }
    }

    private static async Task CarryOutAsync(PlannedFault fault, CoordinatorProcess coordinator, WorkerPool pool, List<int> joiners, CancellationToken cancellation)
    {
        switch (fault.Kind)
        {
            case "join":
                pool.Start(1);
                joiners.Add(pool.Workers[^1].ProcessId);
                break;
            case "coordinator":
                await coordinator.KillAsync();
                await coordinator.StartAsync(cancellation);
                break;
        }
    }
}
