using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Dipnet.Coordinator.Checkpoints;
using Dipnet.Coordinator.Grains;
using Dipnet.Coordinator.Hosting;
using Dipnet.Coordinator.Jobs;
using Dipnet.Protos;
using Google.Protobuf;

namespace Dipnet.Coordinator.Catalog;

/// <summary>The catalog over the grains.</summary>
internal sealed class JobCatalog(IGrainFactory grains, CoordinatorOptions options, CoordinatorClock clock) : IJobCatalog
{
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromMilliseconds(250);

    public async Task<SubmitReply> SubmitAsync(SubmitRequest request, CancellationToken cancellationToken)
    {
        var job = JobSpecs.Complete(request.Job ?? new JobSpec());
        var errors = JobRules.Validate(job).Select(e => e.ToString()).ToList();
        var (origin, originErrors) = Origin(job);
        if (origin is null)
        {
            errors.AddRange(originErrors);
        }
        else if (job.Steps > 0 && origin.CommittedSteps > job.Steps)
        {
            errors.Add($"steps = {job.Steps}: must be at least {origin.CommittedSteps}, where the checkpoint of resume-from is");
        }

        if (errors.Count > 0)
        {
            throw new JobRefusedException(errors);
        }

        var jobId = FormattableString.Invariant($"{job.Name}-{clock.Now:yyyyMMdd-HHmmss}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(2))}");
        var parent = request.RunDirectory.Length > 0 ? request.RunDirectory : options.RunDirectory;
        var runFolder = Path.GetFullPath(Path.Combine(parent, jobId));
        var whole = request.Clone();
        whole.Job = job;
        await grains.GetGrain<IJobIndexGrain>(0).Add(jobId).WaitAsync(cancellationToken);
        var error = await grains.GetGrain<IJobGrain>(jobId)
            .Submit(whole.ToByteArray(), runFolder, origin?.Folder ?? "", origin?.CommittedSteps ?? 0, [.. originErrors]).WaitAsync(cancellationToken);
        return error.Length > 0 ? throw new JobRefusedException([error]) : new SubmitReply { JobId = jobId, RunFolder = runFolder };
    }

    public async Task<IReadOnlyList<JobSnapshot>> ListAsync(int limit, CancellationToken cancellationToken)
    {
        var ids = await grains.GetGrain<IJobIndexGrain>(0).Newest(limit).WaitAsync(cancellationToken);
        var snapshots = await Task.WhenAll(ids.Select(id => GetAsync(id, cancellationToken)));
        return [.. snapshots.OfType<JobSnapshot>()];
    }

    public async Task<JobSnapshot?> GetAsync(string jobId, CancellationToken cancellationToken) =>
        Parse(await grains.GetGrain<IJobGrain>(jobId).View(0).WaitAsync(cancellationToken));

    public async IAsyncEnumerable<JobSnapshot> WatchAsync(string jobId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var grain = grains.GetGrain<IJobGrain>(jobId);
        using var timer = new PeriodicTimer(WatchPeriod);
        var version = 0L;
        do
        {
            var view = await grain.View(version).WaitAsync(cancellationToken);
            version = view.Version;
            if (Parse(view) is { } snapshot)
            {
                yield return snapshot;
            }

            if (view.IsFinal)
            {
                yield break;
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    public async Task<IReadOnlyList<MetricPoint>> SeriesAsync(string jobId, string name, int points, CancellationToken cancellationToken) =>
        await GetAsync(jobId, cancellationToken) is { } job
            ? await grains.GetGrain<IMetricsGrain>(jobId).Read(job.RunFolder, name, points).WaitAsync(cancellationToken)
            : [];

    public async Task<IReadOnlyList<string>> SeriesNamesAsync(string jobId, CancellationToken cancellationToken) =>
        await GetAsync(jobId, cancellationToken) is { } job
            ? await grains.GetGrain<IMetricsGrain>(jobId).Names(job.RunFolder).WaitAsync(cancellationToken)
            : [];

    public async Task<JobSnapshot?> CancelAsync(string jobId, CancellationToken cancellationToken)
    {
        await grains.GetGrain<IJobGrain>(jobId).Cancel("cancelled by request").WaitAsync(cancellationToken);
        return await GetAsync(jobId, cancellationToken);
    }

    public async Task<JobSnapshot?> FailAsync(string jobId, string reason, CancellationToken cancellationToken)
    {
        await grains.GetGrain<IJobGrain>(jobId).Fail(reason).WaitAsync(cancellationToken);
        return await GetAsync(jobId, cancellationToken);
    }

    public async Task<JobSnapshot?> ScaleAsync(string jobId, int workers, CancellationToken cancellationToken)
    {
        if (await GetAsync(jobId, cancellationToken) is null)
        {
            return null;
        }

        var error = await grains.GetGrain<IJobGrain>(jobId).Scale(workers).WaitAsync(cancellationToken);
        return error.Length > 0 ? throw new JobRefusedException([error]) : await GetAsync(jobId, cancellationToken);
    }

    private static JobSnapshot? Parse(JobView view) => view.Snapshot is { } bytes ? JobSnapshot.Parser.ParseFrom(bytes) : null;

    private static (PublishedCheckpoint? Checkpoint, IReadOnlyList<string> Errors) Origin(JobSpec job)
    {
        if (job.ResumeFrom.Length == 0)
        {
            return (null, []);
        }

        var (checkpoint, errors) = CheckpointFolders.FindNewest(job.ResumeFrom);
        return (checkpoint, [.. errors.Select(e => $"resume-from: {e}")]);
    }
}
