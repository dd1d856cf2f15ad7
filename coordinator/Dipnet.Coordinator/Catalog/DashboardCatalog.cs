using Dipnet.Coordinator.Dashboard;
using Dipnet.Protos;

namespace Dipnet.Coordinator.Catalog;

/// <summary>The catalog as the dashboard's pages ask for it.</summary>
internal sealed class DashboardCatalog(IJobCatalog catalog) : Dashboard.IJobCatalog
{
    public Task<IReadOnlyList<JobSnapshot>> ListAsync(int limit, CancellationToken cancellationToken) => catalog.ListAsync(limit, cancellationToken);

    public Task<JobSnapshot?> GetAsync(string jobId, CancellationToken cancellationToken) => catalog.GetAsync(jobId, cancellationToken);

    public IAsyncEnumerable<JobSnapshot> WatchAsync(string jobId, CancellationToken cancellationToken) => catalog.WatchAsync(jobId, cancellationToken);

    public async Task<IReadOnlyList<SeriesPoint>> SeriesAsync(string jobId, string name, int points, CancellationToken cancellationToken) =>
        [.. (await catalog.SeriesAsync(jobId, name, points, cancellationToken)).Select(p => new SeriesPoint(p.Step, p.Value))];

    public async Task<JobSnapshot> CancelAsync(string jobId, CancellationToken cancellationToken) =>
        await catalog.CancelAsync(jobId, cancellationToken) ?? throw new KeyNotFoundException($"there is no job {jobId}");

    public async Task<JobSnapshot> ScaleAsync(string jobId, int workers, CancellationToken cancellationToken) =>
        await catalog.ScaleAsync(jobId, workers, cancellationToken) ?? throw new KeyNotFoundException($"there is no job {jobId}");
}
