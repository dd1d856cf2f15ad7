using Dipnet.Coordinator.Checkpoints;
using Dipnet.Coordinator.Membership;
using Dipnet.Protos;
using Google.Protobuf;
using Member = Dipnet.Coordinator.Membership.Member;

namespace Dipnet.Coordinator.Training;

/// <summary>
/// A job's state machine: events in, record and <see cref="Outbox"/> changed, no I/O. Its methods are called one after another;
/// after each the caller makes a dirty record durable, and only then sends what is in the outbox.
/// </summary>
internal sealed partial class JobMachine
{
    private const int EventsKept = 100;

    /// <summary>A gap between two ticks longer than this was the coordinator's own pause, for which no worker is to blame.</summary>
    private static readonly TimeSpan OwnPause = TimeSpan.FromSeconds(1);

    /// <summary>A pause from which on workers give their streams up (they ask for a sign of life after 5 s), and how long its end still shows broken ones.</summary>
    private static readonly TimeSpan StreamBreakingPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BrokenStreamsShow = TimeSpan.FromSeconds(2);

    private readonly Func<byte[]> _newToken;
    private readonly Completion _completion = new();
    private readonly Agreement _agreement = new();
    private string _lastDeath = "";
    private DateTimeOffset _lastTick;
    private DateTimeOffset _excusedUntil;

    public JobMachine(JobRecord record, Func<byte[]> newToken)
    {
        Record = record;
        Spec = JobSpec.Parser.ParseFrom(record.Spec);
        Options = MembershipOptions.For(Spec.FailureDetection, TimeSpan.FromSeconds(Spec.Workers.WaitSeconds));
        _newToken = newToken;
    }

    public JobRecord Record { get; }
    public JobSpec Spec { get; }
    public MembershipOptions Options { get; }
    public Outbox Outbox { get; } = new();
    public LogTails Logs { get; } = new();
    public bool IsFinal => JobStatus.IsFinal(Record.Status);
    public MembershipState Membership => Record.Membership;

    /// <summary>Workers that the job lacks for its count.</summary>
    public int Needed => IsFinal ? 0 : Math.Max(0, Membership.Target - Staying);

    /// <summary>Workers that it would take beyond its count.</summary>
    public int Welcome => IsFinal ? 0 : Math.Max(0, Membership.Maximum - Math.Max(Staying, Membership.Target));

    private int Staying => Membership.Members.Count(m => m.Departure == Departure.None);

    /// <summary>A record for a resolved job.</summary>
    public static JobRecord NewRecord(string jobId, JobSpec job, string runFolder, IEnumerable<string> faults, DateTimeOffset now)
    {
        var maximum = (int)(job.Workers.Maximum == 0 ? job.Microbatches : Math.Min(job.Workers.Maximum, job.Microbatches));
        return new JobRecord
        {
            JobId = jobId,
            Spec = job.ToByteArray(),
            RunFolder = runFolder,
            Faults = [.. faults],
            Status = JobStatus.Submitted,
            Reason = "submitted",
            Submitted = now,
            Membership = new MembershipState
            {
                Target = (int)Math.Max(1, job.Workers.Count),
                Minimum = (int)Math.Max(1, job.Workers.Minimum),
                Maximum = Math.Max(maximum, 1),
                Microbatches = (int)job.Microbatches,
                ShortSince = now,
            },
        };
    }

    public void Start(DateTimeOffset now)
    {
        _lastTick = now;
        SetStatus(JobStatus.Gathering, $"waiting for {Workers(Membership.Target)}", now);
    }

    /// <summary>After a restart of the coordinator.</summary>
    public void Restore(DateTimeOffset now)
    {
        _lastTick = now;
        if (!IsFinal)
        {
            Roster.Restore(Membership, Options, now);
            Note("state", $"the coordinator was restarted; {Membership.Members.Count} members may come back", now);
        }
    }

    public void Tick(DateTimeOffset now)
    {
        ExcuseOwnPause(now);
        _lastTick = now;
        Settle(now);
    }

    public void Cancel(string reason, DateTimeOffset now)
    {
        if (!IsFinal)
        {
            End(JobStatus.Cancelled, reason, now);
        }
    }

    public void Scale(int workers, DateTimeOffset now)
    {
        Roster.Scale(Membership, Math.Min(workers, Membership.Microbatches));
        Note("member", $"scaled to {Workers(Membership.Target)}", now);
        Settle(now);
    }

    /// <summary>The job can't go on for a reason outside its membership, e.g. its run folder can't be written.</summary>
    public void Fail(string reason, DateTimeOffset now)
    {
        if (!IsFinal)
        {
            End(JobStatus.Failed, WithLastDeath(reason), now);
        }
    }

    /// <summary>Tells the members that a checkpoint is published, so that they no longer keep what it is made of.</summary>
    public void Announce(PublishedCheckpoint checkpoint)
    {
        var message = new CoordinatorMessage
        {
            Published = new Published { JobId = Record.JobId, CommittedSteps = checkpoint.CommittedSteps, Folder = checkpoint.Folder },
        };
        foreach (var connection in Membership.Members.Select(m => m.Connection).OfType<Guid>())
        {
            Send(connection, message);
        }
    }

    public void Note(string kind, string text, DateTimeOffset now)
    {
        var entry = new RecordedEvent(now, kind, text);
        Record.Events.Add(entry);
        if (Record.Events.Count > EventsKept)
        {
            Record.Events.RemoveAt(0);
        }

        Outbox.Events.Add(entry);
        Outbox.Dirty = true;
    }

    // Before every decision, not with the ticks alone: what was said during a pause may be read before the first tick after it.
    private void ExcuseOwnPause(DateTimeOffset now)
    {
        var pause = now - _lastTick;
        if (pause <= OwnPause)
        {
            return;
        }

        _lastTick = now;
        _excusedUntil = pause >= StreamBreakingPause ? now + BrokenStreamsShow : _excusedUntil;
        foreach (var member in Membership.Members)
        {
            member.LastHeard = now;
            member.LastProgress = now;
        }
    }

    private void Settle(DateTimeOffset now)
    {
        ExcuseOwnPause(now);
        while (!IsFinal)
        {
            var (decision, reason) = MembershipDecision.Decide(now, Membership, Options);
            switch (decision)
            {
                case Decision.Drop drop:
                    Drop(Membership.Find(drop.WorkerId)!, reason, now);
                    break;
                case Decision.Fence fence:
                    Fence(fence.Participants, reason, now);
                    break;
                case Decision.Plan plan:
                    Plan(plan, now);
                    break;
                case Decision.Fail:
                    End(JobStatus.Failed, WithLastDeath(reason), now);
                    break;
                case Decision.WaitForWorkers when Record.Status != JobStatus.Gathering:
                    SetStatus(JobStatus.Gathering, reason, now);
                    return;
                default:
                    return;
            }
        }
    }

    private string WithLastDeath(string reason) => _lastDeath.Length > 0 ? $"{_lastDeath} ({reason})" : reason;

    private void Drop(Member member, string reason, DateTimeOffset now)
    {
        var place = member.Rank >= 0 ? $" (rank {member.Rank})" : "";
        if (member.Departure != Departure.None && member.Death is null && member.Connection is { } connection)
        {
            Send(connection, new CoordinatorMessage { Release = new Release { Reason = reason } });
            Note("member", $"worker {member.WorkerId}{place} left", now);
        }
        else
        {
            var text = $"worker {member.WorkerId}{place} {reason} at step {member.CommittedSteps}";
            _lastDeath = text + "." + Logs.Describe(member.WorkerId);
            Note("member", text, now);
            if (member.Connection is { } open)
            {
                Outbox.Closings.Add((open, reason));
            }
        }

        Record.ReceivedByFormer += member.Received;
        Roster.Drop(Membership, member, reason, now);
    }

    private void Fence(IReadOnlyList<string> participants, string reason, DateTimeOffset now)
    {
        Roster.Fence(Membership, participants, now);
        Note("member", $"generation {Membership.Generation}: {reason}", now);
        var fence = new Fence { JobId = Record.JobId, Generation = Membership.Generation, Reason = reason };
        foreach (var member in Membership.Members.Where(m => m.Participates))
        {
            Send(member.Connection!.Value, new CoordinatorMessage { Fence = fence });
        }
    }

    private void Plan(Decision.Plan decision, DateTimeOffset now)
    {
        foreach (var leaver in decision.Released.Select(id => Membership.Find(id)!))
        {
            Send(leaver.Connection!.Value, new CoordinatorMessage { Release = new Release { Reason = "the job goes on without this worker" } });
            Record.ReceivedByFormer += leaver.Received;
            Note("member", $"worker {leaver.WorkerId} (rank {leaver.Rank}) left after step {leaver.Standing!.CommittedSteps}", now);
        }

        var (folder, steps) = StartingPoint();
        var draft = Roster.Plan(Membership, decision.Members, decision.Released, folder, steps, _newToken());
        Record.CommittedSteps = draft.CommittedSteps;
        var message = new CoordinatorMessage { Plan = Describe(draft) };
        foreach (var member in Membership.Members.Where(m => m.Participates))
        {
            Send(member.Connection!.Value, message);
        }

        var source = draft.StateSources.Count > 0 ? $"state of rank {string.Join(", ", draft.StateSources)}"
            : draft.Checkpoint.Length > 0 ? $"checkpoint {draft.Checkpoint}" : "fresh state";
        var text = $"{Workers(decision.Members.Count)} {(decision.Members.Count == 1 ? "goes" : "go")} on from step {draft.CommittedSteps}, {source}";
        if (Record.Status == JobStatus.Running)
        {
            Note("member", $"generation {Membership.Generation}: {text}", now);
        }
        else
        {
            Record.Started ??= now;
            SetStatus(JobStatus.Running, text, now);
        }
    }

    private static string Workers(int count) => count == 1 ? "1 worker" : $"{count} workers";

    private Plan Describe(PlanDraft draft)
    {
        var plan = new Plan
        {
            JobId = Record.JobId,
            Generation = Membership.Generation,
            Token = ByteString.CopyFrom(Membership.Token),
            CommittedSteps = draft.CommittedSteps,
            Checkpoint = draft.Checkpoint,
        };
        plan.Members.AddRange(Membership.Members.Where(m => m.Participates).OrderBy(m => m.Rank).Select(m => new Protos.Member
        {
            Rank = (uint)m.Rank,
            WorkerId = m.WorkerId,
            HostIdentity = m.HostIdentity,
            Endpoints = Endpoints.Parser.ParseFrom(m.Endpoints),
        }));
        plan.Owners.AddRange(draft.Owners.Select(o => (uint)o));
        plan.StateSources.AddRange(draft.StateSources.Select(s => (uint)s));
        return plan;
    }

    /// <summary>The newest checkpoint, else where the job was to start from.</summary>
    private (string Folder, ulong Steps) StartingPoint() => Record.Checkpoints.Count > 0
        ? (Record.Checkpoints[^1].Folder, Record.Checkpoints[^1].CommittedSteps)
        : (Record.Origin, Record.OriginSteps);

    private void SetStatus(string status, string reason, DateTimeOffset now)
    {
        Record.Status = status;
        Record.Reason = reason;
        Note("state", $"{status}: {reason}", now);
    }

    private void End(string status, string reason, DateTimeOffset now)
    {
        Record.Ended = now;
        SetStatus(status, reason, now);
        var stop = new CoordinatorMessage { Stop = new Stop { JobId = Record.JobId, Status = status, Reason = reason } };
        foreach (var connection in Membership.Members.Select(m => m.Connection).OfType<Guid>())
        {
            Send(connection, stop);
        }
    }

    private void Send(Guid connection, CoordinatorMessage message) => Outbox.Messages.Add((connection, message));
}
