using Dipnet.Protos;

namespace Dipnet.Coordinator.Catalog;

/// <summary>
/// The jobs of this coordinator, for everything that shows or commands them in its own process (dashboard, REST, gRPC). Thread-safe.
/// </summary>
public interface IJobCatalog
{
    /// <summary>Takes a job in.</summary>
    /// <exception cref="JobRefusedException">The job breaks rules; every one of them is named.</exception>
    Task<SubmitReply> SubmitAsync(SubmitRequest request, CancellationToken cancellationToken);

    /// <summary>The newest jobs first, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<JobSnapshot>> ListAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Null: no such job.</summary>
    Task<JobSnapshot?> GetAsync(string jobId, CancellationToken cancellationToken);

    /// <summary>The job now and after each change, at most 4 times a second; ends with the job. Empty: no such job.</summary>
    IAsyncEnumerable<JobSnapshot> WatchAsync(string jobId, CancellationToken cancellationToken);

    /// <summary>
    /// A series of the job, in step order, thinned to at most <paramref name="points"/> means of neighbours. Names: <c>loss</c>, <c>nll</c>,
    /// <c>penalty</c>, <c>stability</c>, <c>learningRate</c>, <c>gradNorm/weights</c>, <c>gradNorm/projections</c>, <c>samplesPerSecond</c>,
    /// <c>seconds/step</c>, <c>seconds/data</c>, <c>seconds/compute</c>, <c>seconds/exchangeHidden</c>, <c>seconds/exchangeExposed</c>,
    /// <c>seconds/optimizer</c>, <c>seconds/checkpoint</c>, <c>sigma/LAYER</c>. Empty: no such job or series.
    /// </summary>
    Task<IReadOnlyList<MetricPoint>> SeriesAsync(string jobId, string name, int points, CancellationToken cancellationToken);

    /// <summary>Names of the job's series.</summary>
    Task<IReadOnlyList<string>> SeriesNamesAsync(string jobId, CancellationToken cancellationToken);

    /// <summary>Null: no such job. A job that has ended stays as it is.</summary>
    Task<JobSnapshot?> CancelAsync(string jobId, CancellationToken cancellationToken);

    /// <summary>As <see cref="CancelAsync"/>, but the job has failed: whoever runs it knows that it cannot go on.</summary>
    Task<JobSnapshot?> FailAsync(string jobId, string reason, CancellationToken cancellationToken);

    /// <summary>Null: no such job. Workers: at least 1, at most the job's microbatches.</summary>
    /// <exception cref="JobRefusedException">The number is outside of that.</exception>
    Task<JobSnapshot?> ScaleAsync(string jobId, int workers, CancellationToken cancellationToken);
}
