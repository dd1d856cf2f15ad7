using System.Globalization;
using System.Text.RegularExpressions;
using Dipnet.Cli.Hosting;
using Dipnet.Protos;

namespace Dipnet.Cli.Drills;

/// <summary>
/// Sees faults happen: a worker that a signal ended, a worker that is stopped, one that left, a worker that came into a plan, members that came back. A stopped one
/// is woken once the others have gone on without it, so that it meets a generation that has moved on.
/// </summary>
internal sealed partial class FaultWatch(IReadOnlyList<PlannedFault> planned, TimeProvider time)
{
    private static readonly TimeSpan LongestHang = TimeSpan.FromSeconds(45);
    private const int KilledExitCode = 128 + 9;
    private const int LeftExitCode = 64;

    private readonly DateTimeOffset?[] _at = new DateTimeOffset?[planned.Count];
    private readonly DateTimeOffset?[] _begun = new DateTimeOffset?[planned.Count];
    private readonly IReadOnlyList<int>[] _started = [.. planned.Select(_ => Array.Empty<int>())];
    private readonly HashSet<(int ProcessId, string Kind)> _seen = [];
    private readonly HashSet<(int ProcessId, string Line)> _counted = [];
    private readonly Dictionary<int, (DateTimeOffset At, ulong Generation)> _stopped = [];

    public IReadOnlyList<FaultOutcome> Outcomes => [.. planned.Select((fault, i) => new FaultOutcome(fault, _at[i]))];

    /// <summary>Faults that this command carries out itself and that are due at <paramref name="committed"/> steps; each is returned once, by its place in the plan.</summary>
    public IEnumerable<int> Due(ulong committed)
    {
        for (var i = 0; i < planned.Count; i++)
        {
            if (!planned[i].ByWorker && _begun[i] is null && committed >= planned[i].Step)
            {
                _begun[i] = time.GetUtcNow();
                yield return i;
            }
        }
    }

    /// <summary>Processes that were started for a fault.</summary>
    public void Started(int fault, IReadOnlyList<int> processIds) => _started[fault] = processIds;

    /// <summary>Looks at every worker process once.</summary>
    public void Look(IReadOnlyList<WorkerProcess> workers, ulong generation)
    {
        foreach (var worker in workers)
        {
            if (worker.Exited.IsCompletedSuccessfully)
            {
                if (worker.Exited.Result is KilledExitCode or LeftExitCode)
                {
                    _seen.Add((worker.ProcessId, worker.Exited.Result == KilledExitCode ? "kill" : "leave"));
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
    /// Faults that this command carried out: a join happened when the new process is in a plan, a scaling when a plan obeys it, a restart of the coordinator when
    /// a worker came back to it.
    /// </summary>
    public void Look(JobSnapshot job)
    {
        for (var i = 0; i < planned.Count; i++)
        {
            if (_begun[i] is not { } begun || _at[i] is not null)
            {
                continue;
            }

            var events = job.Events.Where(e => e.UnixMs >= begun.ToUnixTimeMilliseconds()).Select(e => e.Text).ToList();
            var came = _started[i].Any(id => job.Workers.Any(w => w.ProcessId == id && w.CommittedSteps > planned[i].Step));
            var happened = planned[i].Kind switch
            {
                "join" => came,
                "scale" => events.Contains(planned[i].Number == 1 ? "scaled to 1 worker" : $"scaled to {planned[i].Number} workers") && (_started[i].Count > 0 ? came : events.Exists(e => Planned(e) <= planned[i].Number)),
                _ => events.Exists(e => e.Contains("came back", StringComparison.Ordinal)),
            };
            _at[i] = happened ? begun : null;
        }
    }

    // A worker says what it does before it does it; that it did it shows in the process, but for a flip. Its words may arrive here after that shows.
    private void Mark(WorkerProcess worker)
    {
        foreach (var line in worker.Strikes)
        {
            if (Strike.Read(line) is not { } strike
                || (strike.Kind != "flip" && !_seen.Contains((worker.ProcessId, strike.Kind))) || !_counted.Add((worker.ProcessId, line)))
            {
                continue;
            }

            var index = Enumerable.Range(0, planned.Count).Where(i => _at[i] is null && strike.Is(planned[i])).OrderByDescending(i => planned[i].Step).Cast<int?>().FirstOrDefault();
            if (index is { } found)
            {
                _at[found] = strike.At;
            }
        }
    }

    // Members of the plan that an event tells of; no number: it tells of none.
    private static int? Planned(string text) => Plan().Match(text) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"\b(\d+) workers? (?:go|goes) on from step")]
    private static partial Regex Plan();
}
