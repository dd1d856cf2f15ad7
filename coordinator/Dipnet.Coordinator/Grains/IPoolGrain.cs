namespace Dipnet.Coordinator.Grains;

/// <summary>Idle workers and the jobs that want some. One for the cluster, key 0; forgets everything when it restarts and is told again.</summary>
internal interface IPoolGrain : IGrainWithIntegerKey
{
    Task Idle(string workerId, [Immutable] byte[] hello, Guid connection, IWorkerStream stream);

    Task Gone(string workerId, Guid connection);

    /// <summary>What a job lacks, and what it would take besides; replaces what it wanted before. Repeated every few seconds.</summary>
    [OneWay]
    Task Want(string jobId, DateTimeOffset submitted, int needed, int welcome);
}
