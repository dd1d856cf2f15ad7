using Dipnet.Coordinator.Storage;

namespace Dipnet.Coordinator.Grains;

internal sealed class JobIndexGrain([PersistentState("job-index", StateFileGrainStorage.Name)] IPersistentState<JobIndex> index) : Grain, IJobIndexGrain
{
    public Task Add(string jobId)
    {
        index.State.All.Add(jobId);
        index.State.Active.Add(jobId);
        return index.WriteStateAsync();
    }

    public Task Ended(string jobId) => index.State.Active.Remove(jobId) ? index.WriteStateAsync() : Task.CompletedTask;

    public Task<string[]> Newest(int limit) =>
        Task.FromResult(index.State.All.AsEnumerable().Reverse().Take(limit).ToArray());

    public Task<string[]> Active() => Task.FromResult(index.State.Active.ToArray());
}
