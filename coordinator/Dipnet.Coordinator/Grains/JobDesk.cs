using Dipnet.Coordinator.Checkpoints;
using Dipnet.Coordinator.Membership;
using Dipnet.Coordinator.Metrics;
using Dipnet.Coordinator.RunFolders;
using Dipnet.Coordinator.Training;
using Dipnet.Protos;
using Member = Dipnet.Coordinator.Membership.Member;

namespace Dipnet.Coordinator.Grains;

/// <summary>
/// Keeps a job's files: metrics, events, logs, checkpoints, result. When the disk refuses, the job says so once and trains on;
/// without a result it ends as failed. Not thread-safe.
/// </summary>
internal sealed class JobDesk : IDisposable
{
    private readonly JobMachine _machine;
    private readonly RunFolder _folder;
    private readonly List<StepLine> _written = [];
    private StepLedger _ledger;
    private ulong _flushedGeneration;
    private double _samples;
    private double _seconds;
    private bool _diskFailed;
    private bool _ended;

    private JobDesk(JobMachine machine, RunFolder folder)
    {
        _machine = machine;
        _folder = folder;
        _ledger = new StepLedger(machine.Membership.Microbatches, 0);
    }

    public RecentSteps Recent { get; } = new();

    /// <summary>The error, or "".</summary>
    public static string TryCreate(JobMachine machine, out JobDesk? desk)
    {
        desk = null;
        try
        {
            var folder = RunFolder.Create(machine.Record.RunFolder, machine.Spec);
            folder.OpenMetrics();
            desk = new JobDesk(machine, folder);
            desk._ledger = new StepLedger(machine.Membership.Microbatches, machine.Record.OriginSteps);
            return "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"run folder {machine.Record.RunFolder}: {e.Message}";
        }
    }

    public static JobDesk Open(JobMachine machine, DateTimeOffset now)
    {
        var desk = new JobDesk(machine, RunFolder.Open(machine.Record.RunFolder)) { _ended = machine.IsFinal };
        try
        {
            var lines = machine.IsFinal
                ? MetricsFile.ReadTail(RunFolder.MetricsOf(machine.Record.RunFolder), out _)
                : desk._folder.OpenMetrics();
            foreach (var line in lines)
            {
                desk.Count(line);
            }

            desk._ledger = new StepLedger(machine.Membership.Microbatches, lines.Count > 0 ? lines[^1].Step + 1 : machine.Record.OriginSteps);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            desk.DiskFailed(e, now);
        }

        return desk;
    }

    /// <summary>Takes what concerns files out of a member's message.</summary>
    public void Receive(Member member, WorkerMessage message, DateTimeOffset now)
    {
        switch (message.KindCase)
        {
            case WorkerMessage.KindOneofCase.Steps:
                Write(_ledger.Add(member.WorkerId, message.Steps, now), now);
                break;
            case WorkerMessage.KindOneofCase.Shard:
                Take(message.Shard, now);
                break;
            case WorkerMessage.KindOneofCase.Log:
                _machine.Logs.Add(member.WorkerId, message.Log.Lines);
                OnDisk(() => _folder.AppendLog(member.WorkerId, message.Log.Lines), now);
                break;
        }
    }

    /// <summary>Writes what the machine decided; returns the steps that were written since the last call.</summary>
    public IReadOnlyList<StepLine> Settle(DateTimeOffset now)
    {
        var membership = _machine.Membership;
        if (membership.Stage == Stage.Planned && membership.Generation != _flushedGeneration)
        {
            _flushedGeneration = membership.Generation;
            Write(_ledger.Flush(membership.PlannedSteps, membership.Generation, now), now);
        }

        foreach (var withdrawn in _machine.Outbox.Withdrawn.ToList())
        {
            NoteError(CheckpointPublisher.Withdraw(withdrawn.Folder), now);
        }

        _machine.Outbox.Withdrawn.Clear();
        if (_machine.IsFinal && !_ended)
        {
            _ended = true;
            _machine.Record.SamplesPerSecond = _seconds > 0 ? _samples / _seconds : 0;
            OnDisk(() => _folder.WriteResult(_machine.Record, _machine.Spec), now);
        }

        if (_machine.Outbox.Events.Count > 0)
        {
            OnDisk(() => _folder.Append(_machine.Outbox.Events), now);
        }

        var written = _written.ToList();
        _written.Clear();
        return written;
    }

    public void Dispose() => _folder.Dispose();

    private void Write(IReadOnlyList<StepLine> lines, DateTimeOffset now)
    {
        if (lines.Count == 0)
        {
            return;
        }

        OnDisk(() => _folder.Append(lines), now);
        foreach (var line in lines)
        {
            Count(line);
            _written.Add(line);
        }
    }

    private void Count(StepLine line)
    {
        Recent.Add(line);
        _samples += line.SamplesPerSecond * line.Seconds[0];
        _seconds += line.Seconds[0];
    }

    private void Take(ShardWritten shard, DateTimeOffset now)
    {
        var record = _machine.Record;
        if (shard.Error.Length > 0)
        {
            _machine.Note("checkpoint", $"rank {shard.Rank} could not write its shard of step {shard.CommittedSteps}: {shard.Error}; training goes on", now);
        }

        if (CheckpointBook.Add(record, shard) is not { } shards)
        {
            _machine.Outbox.Dirty = true;
            if (CheckpointBook.IsPublished(record, shard.CommittedSteps))
            {
                _machine.Announce(record.Checkpoints.Find(c => c.CommittedSteps == shard.CommittedSteps)!);
            }

            return;
        }

        if (shards.Any(s => s.Failed))
        {
            // What the others wrote would only fill the disk.
            record.Shards.RemoveAll(shards.Contains);
            NoteError(CheckpointPublisher.Abandon(record.RunFolder, shard.CommittedSteps), now);
            return;
        }

        var (checkpoint, error) = CheckpointPublisher.Publish(record.RunFolder, record.JobId, _machine.Spec, shards, now);
        if (checkpoint is null)
        {
            record.Shards.RemoveAll(shards.Contains);
            _machine.Note("checkpoint", $"the checkpoint of step {shard.CommittedSteps} could not be published: {error}; training goes on", now);
            return;
        }

        checkpoint = checkpoint with { Nll = Recent.NllBefore(checkpoint.CommittedSteps) };
        CheckpointBook.Publish(record, checkpoint);
        _machine.Note("checkpoint", $"{Path.GetFileName(checkpoint.Folder)} is complete, {checkpoint.Bytes:#,0} bytes", now);
        _machine.Announce(checkpoint);
        var policy = _machine.Spec.Checkpoint;
        var retention = new CheckpointRetention((int)policy.KeepLast, policy.KeepEvery, (int)policy.KeepBest, record.AgreedSteps);
        foreach (var old in retention.Superseded(record.Checkpoints))
        {
            record.Checkpoints.Remove(old);
            NoteError(CheckpointPublisher.Delete(old.Folder), now);
        }

        foreach (var abandoned in CheckpointPublisher.Abandoned(record.RunFolder, checkpoint.CommittedSteps))
        {
            NoteError(CheckpointPublisher.Delete(abandoned), now);
        }
    }

    private void OnDisk(Action write, DateTimeOffset now)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            DiskFailed(e, now);
        }
    }

    private void DiskFailed(Exception e, DateTimeOffset now)
    {
        // Once: a full disk refuses every line, and each refusal would be one more event.
        if (!_diskFailed)
        {
            _diskFailed = true;
            _machine.Note("fault", $"run folder {_machine.Record.RunFolder}: {e.Message}; training goes on", now);
        }
    }

    private void NoteError(string error, DateTimeOffset now)
    {
        if (error.Length > 0)
        {
            _machine.Note("checkpoint", error, now);
        }
    }
}
