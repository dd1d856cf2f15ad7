using Dipnet.Protos;

namespace Dipnet.Worker.Control;

/// <summary>
/// Messages on their way to the coordinator. A written message may be lost with its connection, so those that decide the job's course (standing, shards,
/// finished, fault, leaving) and the newest step reports are kept and come again on the next connection; the receiver drops what it has. Thread-safe.
/// </summary>
internal sealed class Outbox(int keptReports = 512, int keptLines = 1000)
{
    private readonly object _gate = new();
    private readonly Queue<WorkerMessage> _pending = new();
    private readonly List<(string Key, WorkerMessage Message)> _kept = [];
    private readonly Queue<(ulong Generation, StepReport Step)> _recent = new();
    private readonly Queue<(ulong Generation, StepReport Step)> _unsent = new();
    private readonly Queue<string> _lines = new();
    private readonly SemaphoreSlim _signal = new(0, 1);
    private string _job = "";

    public void Send(WorkerMessage message)
    {
        lock (_gate)
        {
            _pending.Enqueue(message);
            if (KeyOf(message) is { } key)
            {
                _kept.RemoveAll(k => k.Key == key);
                _kept.Add((key, message));
            }
        }

        Signal();
    }

    public void Report(string job, ulong generation, StepReport step)
    {
        lock (_gate)
        {
            _job = job;
            _unsent.Enqueue((generation, step));
            _recent.Enqueue((generation, step));
            if (_recent.Count > keptReports)
            {
                _recent.Dequeue();
            }

            if (_unsent.Count > keptReports)
            {
                _unsent.Dequeue();
            }
        }
    }

    public void Log(string line)
    {
        lock (_gate)
        {
            _lines.Enqueue(line);
            if (_lines.Count > keptLines)
            {
                _lines.Dequeue();
            }
        }
    }

    /// <summary>A plan answers the standing that was kept.</summary>
    public void ForgetStanding() => Forget(key => key == "standing");

    /// <summary>The checkpoint is published; what was said of it and of earlier ones is used up.</summary>
    public void ForgetShards(ulong committedSteps)
    {
        lock (_gate)
        {
            _kept.RemoveAll(k => k.Message.Shard is { } shard && shard.CommittedSteps <= committedSteps);
        }
    }

    /// <summary>The job is over for this worker.</summary>
    public void ForgetJob()
    {
        Forget(_ => true);
        lock (_gate)
        {
            _recent.Clear();
            _unsent.Clear();
        }
    }

    /// <summary>Queues everything that the coordinator may have missed.</summary>
    public void Reconnected()
    {
        lock (_gate)
        {
            _pending.Clear();
            _unsent.Clear();
            foreach (var report in _recent)
            {
                _unsent.Enqueue(report);
            }

            foreach (var (_, message) in _kept)
            {
                _pending.Enqueue(message);
            }
        }

        Signal();
    }

    /// <summary>Waits until a message is there or the time is up.</summary>
    public Task WaitAsync(TimeSpan most, CancellationToken cancellation) => _signal.WaitAsync(most, cancellation);

    /// <summary>Takes everything that waits: reports first, so that they are known when a message that builds on them arrives.</summary>
    public List<WorkerMessage> Drain()
    {
        var messages = new List<WorkerMessage>();
        lock (_gate)
        {
            while (_unsent.Count > 0)
            {
                var batch = new StepReports { JobId = _job, Generation = _unsent.Peek().Generation };
                while (_unsent.TryPeek(out var next) && next.Generation == batch.Generation && batch.Steps.Count < 64)
                {
                    batch.Steps.Add(_unsent.Dequeue().Step);
                }

                messages.Add(new WorkerMessage { Steps = batch });
            }

            if (_lines.Count > 0)
            {
                var lines = new LogLines();
                lines.Lines.AddRange(_lines);
                _lines.Clear();
                messages.Add(new WorkerMessage { Log = lines });
            }

            messages.AddRange(_pending);
            _pending.Clear();
        }

        return messages;
    }

    private void Forget(Predicate<string> which)
    {
        lock (_gate)
        {
            _kept.RemoveAll(k => which(k.Key));
        }
    }

    private void Signal()
    {
        try
        {
            _signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // Signalled already.
        }
    }

    private static string? KeyOf(WorkerMessage message) => message.KindCase switch
    {
        WorkerMessage.KindOneofCase.Standing => "standing",
        WorkerMessage.KindOneofCase.Finished => "finished",
        WorkerMessage.KindOneofCase.Fault => "fault",
        WorkerMessage.KindOneofCase.Leaving => "leaving",
        WorkerMessage.KindOneofCase.Shard => $"shard {message.Shard.CommittedSteps}",
        _ => null,
    };
}
