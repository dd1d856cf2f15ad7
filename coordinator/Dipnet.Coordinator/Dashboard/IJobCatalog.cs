using Dipnet.Protos;

namespace Dipnet.Coordinator.Dashboard;

/// <summary>What the dashboard reads and asks of the coordinator: the same records as the REST API. Thread safe.</summary>
public interface IJobCatalog
{
    /// <summary>The newest <paramref name="limit"/> jobs, newest first.</summary>
    Task<IReadOnlyList<JobSnapshot>> ListAsync(int limit, CancellationToken cancellationToken);

    /// <summary>The job as it is now; null when there is none of that id.</summary>
    Task<JobSnapshot?> GetAsync(string jobId, CancellationToken cancellationToken);

    /// <summary>The job now and after changes, at most four times a second; ends with the job.</summary>
    IAsyncEnumerable<JobSnapshot> WatchAsync(string jobId, CancellationToken cancellationToken);

    /// <summary>At most <paramref name="points"/> points of one series (loss, nll, samplesPerSecond, seconds/compute, sigma/LAYER …) by step.</summary>
    Task<IReadOnlyList<SeriesPoint>> SeriesAsync(string jobId, string name, int points, CancellationToken cancellationToken);

    /// <summary>Cancels the job; a job that has ended stays as it is.</summary>
    Task<JobSnapshot> CancelAsync(string jobId, CancellationToken cancellationToken);

    /// <summary>Asks for another number of workers.</summary>
    Task<JobSnapshot> ScaleAsync(string jobId, int workers, CancellationToken cancellationToken);
}
