using Dipnet.Protos;

namespace Dipnet.Cli.Drills;

/// <summary>
/// Draws the faults of one round of a soak. Every fault that it plans can happen: a worker ends or hangs at most once, one of the first workers is left alone, and
/// the last third of the job is left to those that come late, and a join has the time that a process takes to start.
/// </summary>
internal sealed class FaultSchedule
{
    /// <summary>Steps between two comparisons of the weights, and some: a flip must be found before its worker goes.</summary>
    private const int FlipWindow = 80;

    private static readonly string[] StepPhases = ["forward", "backward", "reduce", "gather", "optimizer"];

    /// <summary>More would only measure how many processes start at once.</summary>
    private const int MostOfAKind = 3;

    private readonly Random _random;
    private readonly JobSpec _job;
    private readonly ulong _lastJoin;
    private readonly List<PlannedFault> _faults = [];
    private readonly List<int> _open;
    private bool _scaled;
    private bool _checkpointStruck;

    private FaultSchedule(Random random, JobSpec job, ulong lastJoin)
    {
        (_random, _job, _lastJoin) = (random, job, lastJoin);
        _open = [.. Enumerable.Range(0, (int)job.Workers.Count)];
    }

    /// <summary>Faults in the order of their steps, at least one; the same for the same state of <paramref name="random"/>.</summary>
    /// <param name="random">Draws.</param>
    /// <param name="job">Says how many workers and steps there are.</param>
    /// <param name="lastJoin">The last step at which a worker that is started then still comes into the job.</param>
    public static IReadOnlyList<PlannedFault> Draw(Random random, JobSpec job, ulong lastJoin)
    {
        var schedule = new FaultSchedule(random, job, lastJoin);
        schedule.Draw();
        return schedule._faults;
    }

    private void Draw()
    {
        var last = (int)(_job.Steps * 2 / 3);
        var step = _random.Next(1, Math.Max(2, last / 4));
        if (_job.Workers.Count > 1 && last > 2 * FlipWindow && _random.Next(3) == 0)
        {
            _faults.Add(new PlannedFault("flip", _random.Next((int)_job.Workers.Count), (ulong)step, null));
            step += FlipWindow;
        }

        do
        {
            Add((ulong)step);
            step += _random.Next(4) == 0 ? _random.Next(3) : _random.Next(1, Math.Max(2, last / 4));
        }
        while (step < last);
    }

    private void Add(ulong step)
    {
        switch (_random.Next(10))
        {
            case < 3 when Victim() is { } victim:
                _faults.Add(new PlannedFault("kill", victim, step, StepPhases[_random.Next(StepPhases.Length)]));
                break;
            case 3 when !_checkpointStruck && _job.Checkpoint.EverySteps > 0 && step + 2 * _job.Checkpoint.EverySteps < _job.Steps && Victim() is { } victim:
                _checkpointStruck = true;
                _faults.Add(new PlannedFault("kill", victim, step, "checkpoint"));
                break;
            case 4 when Victim() is { } victim:
                _faults.Add(new PlannedFault("hang", victim, step, StepPhases[_random.Next(StepPhases.Length)]));
                break;
            case 5 when Victim() is { } victim:
                _faults.Add(new PlannedFault("leave", victim, step, null));
                break;
            case 6 when !_scaled && _open.Count > 2 && !_faults.Exists(f => f.Kind == "join"):
                // Those that joined first stay, so a worker that still comes in would be one too many before it made a step.
                _scaled = true;
                var workers = _random.Next(1, _open.Count);
                _faults.Add(new PlannedFault("scale", workers, step, null));
                _open.RemoveRange(workers, _open.Count - workers);
                break;
            case < 9 when !_scaled && step <= _lastJoin && _faults.Count(f => f.Kind == "join") < MostOfAKind:
                _faults.Add(new PlannedFault("join", null, step, null));
                break;
            default:
                if (_faults.Count(f => f.Kind == "coordinator") < MostOfAKind)
                {
                    _faults.Add(new PlannedFault("coordinator", null, step, null));
                }

                break;
        }
    }

    private int? Victim()
    {
        if (_open.Count < 2)
        {
            return null;
        }

        var victim = _open[_random.Next(_open.Count)];
        _open.Remove(victim);
        return victim;
    }
}
