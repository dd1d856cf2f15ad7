using Dipnet.Cli.Hosting;

namespace Dipnet.Cli.Drills;

/// <summary>
/// Sees faults happen: a worker that a signal ended, a worker that is stopped. A stopped one is woken once the others have gone on without it,
/// so that it meets a generation that has moved on.
/// </summary>
internal sealed class FaultWatch(IReadOnlyList<PlannedFault> planned, TimeProvider time)
{
    private static readonly TimeSpan LongestHang = TimeSpan.FromSeconds(20);
    private const int KilledExitCode = 128 + 9;

    private readonly DateTimeOffset?[] _at = new DateTimeOffset?[planned.Count];
    private readonly HashSet<int> _dead = [];
    private readonly Dictionary<int, (DateTimeOffset At, ulong Generation)> _stopped = [];

    public IReadOnlyList<FaultOutcome> Outcomes => [.. planned.Select((fault, i) => new FaultOutcome(fault, _at[i]))];

    /// <summary>Faults that this command carries out itself and that are due at <paramref name="committed"/> steps; each is returned once.</summary>
    public IEnumerable<PlannedFault> Due(ulong committed)
    {
        for (var i = 0; i < planned.Count; i++)
        {
            if (!planned[i].ByWorker && _at[i] is null && committed >= planned[i].Step)
            {
                _at[i] = time.GetUtcNow();
                yield return planned[i];
            }
        }
    }

    /// <summary>Looks at every worker process once.</summary>
    public void Look(IReadOnlyList<WorkerProcess> workers, ulong generation)
    {
        foreach (var worker in workers)
        {
            if (worker.Exited.IsCompletedSuccessfully)
            {
                if (_dead.Add(worker.ProcessId) && worker.Exited.Result == KilledExitCode)
                {
                    Mark("kill");
                }
            }
            else if (_stopped.TryGetValue(worker.ProcessId, out var stop))
            {
                if (generation > stop.Generation || time.GetUtcNow() - stop.At > LongestHang)
                {
                    ProcessControl.Resume(worker.ProcessId);
                    _stopped.Remove(worker.ProcessId);
                }
            }
            else if (ProcessControl.IsStopped(worker.ProcessId))
            {
                _stopped[worker.ProcessId] = (time.GetUtcNow(), generation);
                Mark("hang");
            }
        }
    }

    // Which worker it was shows in its log; faults of a kind happen in the order of their steps, those of a phase alone last.
    private void Mark(string kind)
    {
        var next = Enumerable.Range(0, planned.Count)
            .Where(i => planned[i].Kind == kind && _at[i] is null)
            .OrderBy(i => planned[i].Step ?? ulong.MaxValue)
            .Cast<int?>()
            .FirstOrDefault();
        if (next is { } index)
        {
            _at[index] = time.GetUtcNow();
        }
    }
}
