using Dipnet.Cli.Hosting;
using Dipnet.Protos;

namespace Dipnet.Cli.Drills;

/// <summary>
/// Sees faults happen: a worker that a signal ended, a worker that is stopped, a worker that came into a plan, members that came back. A stopped one is woken once the others have gone on without it,
/// so that it meets a generation that has moved on.
/// </summary>
internal sealed class FaultWatch(IReadOnlyList<PlannedFault> planned, TimeProvider time)
{
    private static readonly TimeSpan LongestHang = TimeSpan.FromSeconds(20);
    private const int KilledExitCode = 128 + 9;

    private readonly DateTimeOffset?[] _at = new DateTimeOffset?[planned.Count];
    private readonly DateTimeOffset?[] _begun = new DateTimeOffset?[planned.Count];
    private readonly HashSet<(int ProcessId, string Kind)> _seen = [];
    private readonly HashSet<(int ProcessId, string Line)> _counted = [];
    private readonly Dictionary<int, (DateTimeOffset At, ulong Generation)> _stopped = [];

    public IReadOnlyList<FaultOutcome> Outcomes => [.. planned.Select((fault, i) => new FaultOutcome(fault, _at[i]))];

    /// <summary>Faults that this command carries out itself and that are due at <paramref name="committed"/> steps; each is returned once.</summary>
    public IEnumerable<PlannedFault> Due(ulong committed)
    {
        for (var i = 0; i < planned.Count; i++)
        {
            if (!planned[i].ByWorker && _begun[i] is null && committed >= planned[i].Step)
            {
                _begun[i] = time.GetUtcNow();
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
                if (worker.Exited.Result == KilledExitCode)
                {
                    _seen.Add((worker.ProcessId, "kill"));
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
                _seen.Add((worker.ProcessId, "hang"));
            }

            Mark(worker);
        }
    }

    /// <summary>
    /// Faults that this command carried out: a join happened when the new process is in a plan, a restart of the coordinator when a worker came back to it.
    /// </summary>
    /// <param name="joiners">Process ids of the workers that were started for joins, in order.</param>
    /// <param name="job">The newest snapshot.</param>
    public void Look(IReadOnlyList<int> joiners, JobSnapshot job)
    {
        var joins = 0;
        for (var i = 0; i < planned.Count; i++)
        {
            if (_begun[i] is not { } begun || _at[i] is not null)
            {
                joins += planned[i].Kind == "join" && _begun[i] is not null ? 1 : 0;
                continue;
            }

            var happened = planned[i].Kind == "join"
                ? joins++ < joiners.Count && job.Workers.Any(w => w.ProcessId == joiners[joins - 1] && w.CommittedSteps > planned[i].Step)
                : job.Events.Any(e => e.UnixMs >= begun.ToUnixTimeMilliseconds() && e.Text.Contains("came back", StringComparison.Ordinal));
            _at[i] = happened ? begun : null;
        }
    }

    // A worker says what it does before it does it; that it did it shows in the process. Its words may arrive here after that shows.
    private void Mark(WorkerProcess worker)
    {
        foreach (var line in worker.Strikes)
        {
            if (Strike.Read(line) is not { } strike || !_seen.Contains((worker.ProcessId, strike.Kind)) || !_counted.Add((worker.ProcessId, line)))
            {
                continue;
            }

            var index = Enumerable.Range(0, planned.Count).Where(i => _at[i] is null && strike.Is(planned[i])).Cast<int?>().FirstOrDefault();
            if (index is { } found)
            {
                _at[found] = strike.At;
            }
        }
    }
}
