using Dipnet.Coordinator.Training;

namespace Dipnet.Coordinator.Grains;

/// <summary>A job, by its id. Protobuf messages cross as their bytes.</summary>
internal interface IJobGrain : IGrainWithStringKey
{
    /// <summary>Takes the job in; returns once it is durable. An error: the run folder can't be made.</summary>
    /// <param name="submitRequest">A <see cref="Protos.SubmitRequest"/>.</param>
    /// <param name="runFolder">Made by this call.</param>
    /// <param name="origin">Checkpoint to start from; empty: none.</param>
    /// <param name="originSteps">Its committed steps.</param>
    /// <param name="originNotes">Why newer checkpoints are not it; become events.</param>
    Task<string> Submit([Immutable] byte[] submitRequest, string runFolder, string origin, ulong originSteps, string[] originNotes);

    /// <summary>After a restart of the coordinator: goes on.</summary>
    Task Wake();

    /// <summary>The snapshot, or null bytes when it has not changed since <paramref name="known"/>.</summary>
    Task<JobView> View(long known);

    Task Cancel(string reason);

    /// <summary>Ends the job as failed.</summary>
    Task Fail(string reason);

    /// <summary>An error, or "".</summary>
    Task<string> Scale(int workers);

    /// <summary>A worker says that it belongs to this job. As a member it gets its Welcome through its stream.</summary>
    Task<Attachment> Attach([Immutable] byte[] hello, Guid connection, IWorkerStream stream);

    /// <summary>An idle worker from the pool; it goes back there when the job has enough.</summary>
    [OneWay]
    Task Offer([Immutable] byte[] hello, Guid connection, IWorkerStream stream);

    Task Receive(string workerId, Guid connection, [Immutable] byte[] workerMessage);

    Task Lost(string workerId, Guid connection, string reason);

    /// <summary>Looks at the clock; the job's own timer does so 5 times a second.</summary>
    Task Tick();
}
