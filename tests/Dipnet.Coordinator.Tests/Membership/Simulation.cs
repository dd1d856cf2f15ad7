using System.Text.Json;
using Dipnet.Coordinator.Training;
using Dipnet.Protos;

namespace Dipnet.Coordinator.Tests.Membership;

/// <summary>
/// A job's machine and its workers under an order of events that a seed decides: delays, deaths, hangs, late messages, restarts of the
/// coordinator at any point between a durable write and the messages that follow it. It asserts what must hold after each event.
/// </summary>
internal sealed class Simulation
{
    private const int Microbatches = 8;
    private const ulong Steps = 6;
    private readonly Random _random;
    private readonly List<SimulatedWorker> _workers = [];
    private readonly Dictionary<ulong, string> _plans = [];
    private readonly List<(SimulatedWorker Worker, Guid Connection, WorkerMessage Message)> _late = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private JobMachine _machine;
    private byte[] _durable;
    private int _born;

    public Simulation(int seed, int workers, int minimum)
    {
        _random = new Random(seed);
        var spec = new JobSpec
        {
            Name = "s", Microbatches = Microbatches, Steps = (uint)Steps, FailureDetection = "fast",
            Workers = new WorkersSpec { Count = (uint)workers, Minimum = (uint)minimum, Maximum = Microbatches, WaitSeconds = 3600 },
            Checkpoint = new CheckpointSpec(),
        };
        _machine = new JobMachine(JobMachine.NewRecord("j", spec, "/run", [], _now), () => []);
        _machine.Start(_now);
        _durable = JsonSerializer.SerializeToUtf8Bytes(_machine.Record);
        _machine.Outbox.Clear();
        for (var i = 0; i < workers; i++)
        {
            Born();
        }
    }

    public string Status => _machine.Record.Status;
    public string History => string.Join('\n', _machine.Record.Events.Select(e => e.Text));
    public int Plans => _plans.Count;

    /// <summary>Events of all kinds, then only benign ones until the job ends.</summary>
    public void Run(int disturbed, int calm)
    {
        for (var i = 0; i < disturbed && !_machine.IsFinal; i++)
        {
            Disturb();
            Advance();
        }

        _workers.ForEach(w => w.Hung = false);
        for (var i = 0; i < calm && !_machine.IsFinal; i++)
        {
            while (_workers.Count < _machine.Membership.Target)
            {
                Born();
            }

            Advance();
        }
    }

    private void Disturb()
    {
        var victim = _workers.Count > 0 ? _workers[_random.Next(_workers.Count)] : null;
        switch (_random.Next(60))
        {
            case 0 when victim is not null:
                _workers.Remove(victim);
                _machine.Lost(victim.Id, victim.Connection, "died", _now);
                break;
            case 1 when victim is not null:
                victim.Hung = !victim.Hung;
                break;
            case 2 when victim is not null:
                Break(victim, noticed: _random.Next(2) == 0);
                Reattach(victim);
                break;
            case 3 when _workers.Count < Microbatches:
                Born();
                break;
            case 4:
                Restart();
                break;
            case 5:
                _machine.Scale(_random.Next(1, 5), _now);
                break;
            case 6 when victim is not null && victim.JobId.Length > 0:
                victim.Outbox.Enqueue(new WorkerMessage { Leaving = new Leaving { Reason = "asked" } });
                break;
            case 8:
                // The coordinator's network: every stream, those of hung workers first, which come back when they wake.
                var all = _workers.OrderBy(w => !w.Hung).ThenBy(_ => _random.Next()).ToList();
                all.ForEach(w => Break(w, noticed: true));
                all.ForEach(w => w.IsAway = w.Hung);
                all.FindAll(w => !w.Hung).ForEach(Reattach);
                break;
            case 7 when victim is { Trains: true }:
                victim.Outbox.Enqueue(new WorkerMessage
                {
                    Fault = new Fault { JobId = "j", Generation = victim.Generation, Step = (ulong)_random.Next(1000), Kind = "internal", Message = "x" },
                });
                break;
        }

        Settle();
    }

    /// <summary>The connection breaks, the process lives on: what was under way arrives late, under the old connection.</summary>
    private void Break(SimulatedWorker worker, bool noticed)
    {
        _late.AddRange(worker.Outbox.Select(m => (worker, worker.Connection, m)));
        var broken = worker.Connection;
        worker.Disconnect();
        if (noticed)
        {
            _machine.Lost(worker.Id, broken, "lost its connection", _now);
            Settle();
        }
    }

    private void Advance()
    {
        _now += TimeSpan.FromMilliseconds(_random.Next(20, 300));
        foreach (var woken in _workers.Where(w => w is { Hung: false, IsAway: true }))
        {
            woken.IsAway = false;
            Reattach(woken);
        }

        foreach (var worker in _workers.Where(w => !w.Hung).OrderBy(_ => _random.Next()).ToList())
        {
            for (var i = _random.Next(3); i > 0 && worker.Inbox.TryDequeue(out var command); i--)
            {
                worker.Handle(command);
            }

            Compute(worker);
            for (var i = _random.Next(3); i > 0 && worker.Outbox.TryDequeue(out var message); i--)
            {
                Deliver(worker, worker.Connection, message);
            }

            Beat(worker);
        }

        if (_late.Count > 0 && _random.Next(3) == 0)
        {
            var (worker, connection, message) = _late[0];
            _late.RemoveAt(0);
            Deliver(worker, connection, message);
        }

        foreach (var idle in _workers.Where(w => !w.Hung && w.JobId.Length == 0 && w.Inbox.Count == 0 && w.Outbox.Count == 0).ToList())
        {
            if (_machine.Needed + _machine.Welcome > 0 && !_machine.IsFinal)
            {
                _machine.Offer(idle.Hello(), idle.Connection, _now);
                Settle();
            }
        }

        _machine.Tick(_now);
        Settle();
    }

    /// <summary>One microbatch, or the exchange: a step commits when the members of one plan hold all of it and all are at that step.</summary>
    private void Compute(SimulatedWorker worker)
    {
        if (!worker.Trains || worker.Committed >= Steps)
        {
            if (worker is { Trains: true, Finished: false } && worker.Committed == Steps)
            {
                worker.Finished = true;
                worker.Outbox.Enqueue(new WorkerMessage
                {
                    Finished = new Finished { JobId = "j", Generation = worker.Generation, CommittedSteps = Steps, WeightsSha256 = "same" },
                });
            }

            return;
        }

        if (worker.Mine().Where(m => !worker.Held.Contains(m)).Select(m => (int?)m).FirstOrDefault() is { } next)
        {
            worker.Held.Add(next);
            return;
        }

        var peers = worker.Plan!.Members.Select(m => _workers.Find(w => w.Id == m.WorkerId)).ToList();
        var peersAhead = peers.Exists(p => p is not null && p.Generation == worker.Generation && p.Committed == worker.Committed + 1 && !p.Hung);
        var together = peers.TrueForAll(p => p is not null && p.Generation == worker.Generation && p.Committed == worker.Committed);
        if (!peersAhead && !together)
        {
            return;
        }

        if (together)
        {
            var leaves = peers.SelectMany(p => p!.Held).ToList();
            if (leaves.Count < Microbatches)
            {
                return;
            }

            Assert.Equal(Enumerable.Range(0, Microbatches), leaves.Order());
        }

        worker.Commit();
    }

    private void Beat(SimulatedWorker worker)
    {
        if (worker.JobId.Length > 0)
        {
            Deliver(worker, worker.Connection, new WorkerMessage
            {
                Heartbeat = new Heartbeat
                {
                    JobId = worker.JobId, Generation = worker.Generation, CommittedSteps = worker.Committed,
                    Phase = worker.Trains ? Phase.Compute : Phase.WaitingForPlan, MicrobatchesDone = (uint)worker.Held.Count,
                },
            });
        }
    }

    private void Deliver(SimulatedWorker worker, Guid connection, WorkerMessage message)
    {
        if (_machine.Speaker(worker.Id, connection) is { } member)
        {
            _machine.Receive(member, message, null, _now);
            Settle();
        }
    }

    /// <summary>Kill -9 of the coordinator: all that is not durable is lost, and so is every stream.</summary>
    private void Restart()
    {
        _machine = new JobMachine(JsonSerializer.Deserialize<JobRecord>(_durable)!, () => []);
        _machine.Restore(_now);
        Settle();
        foreach (var worker in _workers.Where(w => !w.Hung).OrderBy(_ => _random.Next()).ToList())
        {
            worker.Disconnect();
            Reattach(worker);
        }

        foreach (var hung in _workers.Where(w => w.Hung))
        {
            hung.Disconnect();
            hung.IsAway = true;
        }
    }

    private void Reattach(SimulatedWorker worker)
    {
        if (worker.JobId.Length > 0 && _machine.Attach(worker.Hello(), worker.Connection, _now) is Attachment.Fenced or Attachment.Ended)
        {
            worker.Forget();
        }

        Settle();
    }

    private void Born() => _workers.Add(new SimulatedWorker($"w{_born++}"));

    /// <summary>As the grain does: durable first, then on the way. Some restarts hit just between the two.</summary>
    private void Settle()
    {
        var outbox = _machine.Outbox;
        if (outbox.Dirty)
        {
            _durable = JsonSerializer.SerializeToUtf8Bytes(_machine.Record);
        }

        var messages = outbox.Messages.ToList();
        var closings = outbox.Closings.ToList();
        outbox.Clear();
        var cut = messages.Count > 0 && _random.Next(200) == 0 ? _random.Next(messages.Count) : messages.Count;
        foreach (var (connection, message) in messages.Take(cut))
        {
            if (message.Plan is { } plan)
            {
                Check(plan);
            }

            _workers.Find(w => w.Connection == connection)?.Inbox.Enqueue(message);
        }

        foreach (var (connection, _) in closings)
        {
            if (_workers.Find(w => w.Connection == connection) is { } closed)
            {
                // A hung worker notices only when it wakes; until then it believes in its old plan.
                closed.Inbox.Clear();
                closed.Inbox.Enqueue(new CoordinatorMessage { Release = new Release() });
                closed.Connection = Guid.NewGuid();
            }
        }

        if (cut < messages.Count)
        {
            Restart();
        }
    }

    private void Check(Plan plan)
    {
        var text = plan.ToString();
        Assert.True(_plans.TryAdd(plan.Generation, text) || _plans[plan.Generation] == text, $"two plans of generation {plan.Generation}");
        Assert.Equal(Microbatches, plan.Owners.Count);
        Assert.All(plan.Owners, o => Assert.InRange(o, 0u, (uint)plan.Members.Count - 1));
        Assert.Equal(plan.Members.Count, plan.Members.Select(m => m.WorkerId).Distinct().Count());

        // A step is given up only when everybody who had committed it is gone: then it is computed again, to the same bits.
        Assert.All(plan.Members, m => Assert.True(_workers.Find(w => w.Id == m.WorkerId) is not { HasState: true, JobId: "j" } w || w.Committed <= plan.CommittedSteps));
    }
}
