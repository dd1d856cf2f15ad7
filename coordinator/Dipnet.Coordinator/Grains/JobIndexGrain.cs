using Dipnet.Coordinator.Hosting;
using Dipnet.Coordinator.RunFolders;
using Dipnet.Coordinator.Storage;

namespace Dipnet.Coordinator.Grains;

internal sealed class JobIndexGrain(
    [PersistentState("job-index", StateFileGrainStorage.Name)] IPersistentState<JobIndex> index, CoordinatorOptions options) : Grain, IJobIndexGrain
{
    private IReadOnlyList<string> _finished = [];

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _finished = FinishedRuns.Ids(options.RunDirectory);
        return Task.CompletedTask;
    }

    public Task Add(string jobId)
    {
        index.State.All.Add(jobId);
        index.State.Active.Add(jobId);
        return index.WriteStateAsync();
    }

    public Task Ended(string jobId) => index.State.Active.Remove(jobId) ? index.WriteStateAsync() : Task.CompletedTask;

    public Task<string[]> Newest(int limit) =>
        Task.FromResult(index.State.All.AsEnumerable().Reverse().Union(_finished).OrderByDescending(Submitted, StringComparer.Ordinal).Take(limit).ToArray());

    public Task<string[]> Active() => Task.FromResult(index.State.Active.ToArray());

    // Ids end in the time of submission, to the second, and four digits.
    private static string Submitted(string jobId) => jobId.Length > 20 ? jobId[^20..^5] : "";
}
