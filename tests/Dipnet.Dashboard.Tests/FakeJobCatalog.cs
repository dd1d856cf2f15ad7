using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Dipnet.Coordinator.Catalog;
using Dipnet.Coordinator.Dashboard;
using Dipnet.Protos;

namespace Dipnet.Dashboard.Tests;

/// <summary>Jobs that change when a test says so.</summary>
internal sealed class FakeJobCatalog : IJobCatalog
{
    private readonly ConcurrentDictionary<string, SampleJob> jobs = new();
    private readonly ConcurrentDictionary<Channel<JobSnapshot>, string> watchers = new();
    private volatile Exception? fault;

    public ConcurrentQueue<string> Asked { get; } = new();

    public void Add(SampleJob job) => jobs[job.Snapshot.JobId] = job;

    /// <summary>Every read fails from now on; null: reads work again.</summary>
    public void Fail(Exception? exception) => fault = exception;

    /// <summary>Changes a job and tells everybody who watches it.</summary>
    public void Change(string jobId, Action<SampleJob> change)
    {
        var job = jobs[jobId];
        lock (job)
        {
            change(job);
            foreach (var (watcher, watched) in watchers.Where(watcher => watcher.Value == jobId))
            {
                watcher.Writer.TryWrite(job.Snapshot.Clone());
                if (job.Snapshot.EndedUnixMs != 0)
                {
                    watcher.Writer.TryComplete();
                }
            }
        }
    }

    public Task<SubmitReply> SubmitAsync(SubmitRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<string>> SeriesNamesAsync(string jobId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<JobSnapshot>> ListAsync(int limit, CancellationToken cancellationToken) => Reading<IReadOnlyList<JobSnapshot>>(
        () => [.. jobs.Values.Select(Read).OrderByDescending(job => job.SubmittedUnixMs).Take(limit)]);

    public Task<JobSnapshot?> GetAsync(string jobId, CancellationToken cancellationToken) =>
        Reading(() => jobs.TryGetValue(jobId, out var job) ? Read(job) : null);

    public async IAsyncEnumerable<JobSnapshot> WatchAsync(string jobId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateUnbounded<JobSnapshot>();
        watchers[channel] = jobId;
        yield return Read(jobs[jobId]);
        await foreach (var snapshot in channel.Reader.ReadAllAsync(cancellationToken))
        {
            yield return snapshot;
        }
    }

    public Task<IReadOnlyList<MetricPoint>> SeriesAsync(string jobId, string name, int points, CancellationToken cancellationToken) => Reading(() =>
    {
        lock (jobs[jobId])
        {
            return jobs[jobId].Series(name, points);
        }
    });

    public Task<JobSnapshot?> FailAsync(string jobId, string reason, CancellationToken cancellationToken)
    {
        Change(jobId, job => job.End("failed", reason));
        return GetAsync(jobId, cancellationToken);
    }

    public Task<JobSnapshot?> CancelAsync(string jobId, CancellationToken cancellationToken)
    {
        Asked.Enqueue("cancel " + jobId);
        Change(jobId, job => job.End("cancelled", "cancelled by a user"));
        return Task.FromResult<JobSnapshot?>(Read(jobs[jobId]));
    }

    public Task<JobSnapshot?> ScaleAsync(string jobId, int workers, CancellationToken cancellationToken)
    {
        Asked.Enqueue($"scale {jobId} {workers}");
        Change(jobId, job => job.SetWorkers(workers));
        return Task.FromResult<JobSnapshot?>(Read(jobs[jobId]));
    }

    private static JobSnapshot Read(SampleJob job)
    {
        lock (job)
        {
            return job.Snapshot.Clone();
        }
    }

    private Task<T> Reading<T>(Func<T> read) => fault is { } exception ? Task.FromException<T>(exception) : Task.FromResult(read());
}
