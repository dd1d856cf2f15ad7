using Dipnet.Cli.Connections;
using Dipnet.Cli.Devices;
using Dipnet.Cli.Hosting;
using Dipnet.Cli.Output;
using Dipnet.Protos;

namespace Dipnet.Cli.Drills;

/// <summary>A coordinator process of its own, and runs of a job on worker processes of this machine under planned faults.</summary>
internal sealed class DrillCluster : IAsyncDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    private readonly Screen _screen;
    private readonly string _runDirectory;
    private readonly DevicePlan _devices;
    private readonly TimeProvider _time;
    private readonly CoordinatorProcess _coordinator;
    private readonly JobClient _client;
    private SubmitReply _newest = new();

    private DrillCluster(Screen screen, string runDirectory, DevicePlan devices, TimeProvider time)
    {
        (_screen, _runDirectory, _devices, _time) = (screen, runDirectory, devices, time);
        _coordinator = new CoordinatorProcess(runDirectory, time);
        _client = new JobClient(_coordinator.Control, time) { LongestAbsence = CoordinatorProcess.StartTime + TimeSpan.FromSeconds(30) };
    }

    public static async Task<DrillCluster> StartAsync(Screen screen, string runDirectory, DevicePlan devices, TimeProvider time, CancellationToken cancellation)
    {
        var cluster = new DrillCluster(screen, runDirectory, devices, time);
        try
        {
            await cluster._coordinator.StartAsync(cancellation);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Trains without faults.</summary>
    /// <exception cref="CommandException">It did not complete.</exception>
    public async Task<JobSnapshot> TrainAsync(JobSpec job, CancellationToken cancellation)
    {
        var (final, _) = await TrainAsync(job, [], cancellation);
        return final.Status == "completed"
            ? final
            : throw new CommandException(ExitCode.Failed, $"the undisturbed run {final.Status}: {final.Reason}");
    }

    /// <summary>Trains to the end of the job and says which faults happened, with their times.</summary>
    public async Task<(JobSnapshot Final, IReadOnlyList<FaultOutcome> Outcomes)> TrainAsync(JobSpec job, IReadOnlyList<PlannedFault> faults, CancellationToken cancellation)
    {
        var request = new SubmitRequest { Job = job, RunDirectory = _runDirectory };
        request.Faults.AddRange(faults.Where(fault => fault.ByWorker).Select(fault => fault.ToString()));
        var submitted = _newest = await _client.SubmitAsync(request, cancellation);
        await using var pool = new WorkerPool(_coordinator.Control, _devices, job.ThreadsPerWorker, _time);
        pool.Start(job.Workers.Count);

        JobSnapshot? newest = null;
        var watch = new FaultWatch(faults, _time);
        var shown = new ProgressView(_screen, _time).ShowAsync(Follow(_client.WatchAsync(submitted.JobId, cancellation)));
        while (!shown.IsCompleted)
        {
            Look();
            foreach (var fault in watch.Due(newest?.CommittedSteps ?? 0))
            {
                watch.Started(fault, await CarryOutAsync(faults[fault], submitted.JobId, pool, cancellation));
            }

            await Task.WhenAny(shown, Task.Delay(LookInterval, _time, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }

        newest = await shown;
        // A process's end and its last words may show only now.
        await pool.EndAsync();
        Look();
        if (newest.Status == "failed")
        {
            foreach (var failure in pool.Failures())
            {
                _screen.Error(failure);
            }
        }

        return (newest, DrillTimes.Of(watch.Outcomes, newest, DrillTimes.Commits(newest.RunFolder)));

        void Look()
        {
            watch.Look(pool.Workers, newest?.Generation ?? 0);
            if (newest is not null)
            {
                watch.Look(newest);
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

    /// <summary>Ends the newest job, if it has not ended, on a coordinator that is new when the old one does not answer. Returns the job's run folder.</summary>
    public async Task<string> CancelAsync(CancellationToken cancellation)
    {
        try
        {
            await _client.CancelAsync(_newest.JobId, cancellation);
        }
        catch (CommandException)
        {
            await _coordinator.KillAsync();
            await _coordinator.StartAsync(cancellation);
            await _client.CancelAsync(_newest.JobId, cancellation);
        }

        return _newest.RunFolder;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _coordinator.DisposeAsync();
    }

    /// <summary>Returns the processes that it started.</summary>
    private async Task<IReadOnlyList<int>> CarryOutAsync(PlannedFault fault, string job, WorkerPool pool, CancellationToken cancellation)
    {
        switch (fault.Kind)
        {
            case "join":
                return pool.Start(1);
            case "scale":
                var started = pool.Start((uint)Math.Max(0, fault.Number!.Value - pool.Workers.Count(worker => !worker.HasExited)));
                await _client.ScaleAsync(job, (uint)fault.Number.Value, cancellation);
                return started;
            default:
                await _coordinator.KillAsync();
                await _coordinator.StartAsync(cancellation);
                return [];
        }
    }
}
