namespace Dipnet.Coordinator.Grains;

/// <summary>Which jobs there are. One for the cluster, key 0.</summary>
internal interface IJobIndexGrain : IGrainWithIntegerKey
{
    Task Add(string jobId);

    Task Ended(string jobId);

    /// <summary>Newest first.</summary>
    Task<string[]> Newest(int limit);

    /// <summary>Jobs that have not ended, oldest first.</summary>
    Task<string[]> Active();
}
