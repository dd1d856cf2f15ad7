using Dipnet.Protos;

namespace Dipnet.Coordinator.Dashboard;

/// <summary>
/// Finds the worker that the others keep waiting for. Every worker waits now and then, so a single snapshot says nothing:
/// a worker is marked when, over recent snapshots, it was waited for while it waited for nobody much more often than any other. Not thread safe.
/// </summary>
internal sealed class StragglerWatch
{
    // Weight of the newest snapshot: about the last ten count, 3 to 5 seconds.
    private const double Weight = 0.2;
    private const double Marked = 0.5;
    private const double Others = 0.25;

    private readonly Dictionary<string, double> guilt = [];

    /// <summary>Rank of the straggler, if there is one.</summary>
    public uint? Rank { get; private set; }

    public void Observe(JobSnapshot job)
    {
        var waitedFor = job.Workers.Where(worker => worker.Alive).SelectMany(worker => worker.WaitingFor).ToHashSet();
        var present = job.Workers.Where(worker => worker.Alive).ToList();
        foreach (var gone in guilt.Keys.Except(present.Select(worker => worker.WorkerId)).ToList())
        {
            guilt.Remove(gone);
        }

        foreach (var worker in present)
        {
            var holdsUp = waitedFor.Contains(worker.Rank) && worker.WaitingFor.Count == 0;
            guilt[worker.WorkerId] = (guilt.GetValueOrDefault(worker.WorkerId) * (1 - Weight)) + (holdsUp ? Weight : 0);
        }

        var ordered = present.OrderByDescending(worker => guilt[worker.WorkerId]).ToList();
        Rank = ordered.Count >= 2 && guilt[ordered[0].WorkerId] > Marked && guilt[ordered[1].WorkerId] < Others ? ordered[0].Rank : null;
    }
}
