using Dipnet.Coordinator.Membership;
using Dipnet.Protos;
using Member = Dipnet.Coordinator.Membership.Member;

namespace Dipnet.Coordinator.Training;

/// <summary>What workers say.</summary>
internal sealed partial class JobMachine
{
    private const int FaultsInARow = 3;

    /// <summary>A worker came (back) that says it belongs to this job.</summary>
    public Attachment Attach(Hello hello, Guid connection, DateTimeOffset now)
    {
        if (IsFinal)
        {
            return Attachment.Ended;
        }

        ExcuseOwnPause(now);
        var before = Membership.Find(hello.WorkerId)?.Connection;
        if (Roster.Reattach(Membership, hello, connection, Options, now) is null)
        {
            return Attachment.Fenced;
        }

        if (before is { } broken)
        {
            Outbox.Closings.Add((broken, "its worker opened another stream"));
        }

        Note("member", $"worker {hello.WorkerId} came back under generation {hello.Generation}", now);
        return Attachment.Member;
    }

    /// <summary>An idle worker for this job; false when it has enough.</summary>
    public bool Offer(Hello hello, Guid connection, DateTimeOffset now)
    {
        if (Membership.Find(hello.WorkerId) is { } former)
        {
            former.Death ??= "came back without its state";
            Settle(now);
        }

        if (Needed + Welcome == 0)
        {
            return false;
        }

        Roster.Add(Membership, hello, connection, now);
        var join = new Join { JobId = Record.JobId, Job = Spec, RunFolder = Record.RunFolder };
        join.Faults.AddRange(DrillFaults.Of(Record.Faults, Record.Joined++));
        Send(connection, new CoordinatorMessage { Join = join });
        Note("member", $"worker {hello.WorkerId} joins from {hello.Host} on {hello.Device}", now);
        return true;
    }

    public void Lost(string workerId, Guid connection, string reason, DateTimeOffset now)
    {
        if (IsFinal)
        {
            return;
        }

        ExcuseOwnPause(now);
        var member = Speaker(workerId, connection);
        if (member is not null && (now < _excusedUntil || (member.CommittedSteps > StartingPoint().Steps && Roster.AloneHasState(Membership, member))))
        {
            Roster.Disconnect(Membership, workerId, Options, now);
            Note("member", $"worker {workerId} {reason} at step {member.CommittedSteps}; it may come back", now);
        }
        else
        {
            Roster.Lose(Membership, workerId, connection, reason);
        }

        Settle(now);
    }

    /// <summary>After the caller has used it up: settles what follows from it.</summary>
    public void Receive(Member member, WorkerMessage message, double? trainLoss, DateTimeOffset now)
    {
        member.LastHeard = now;
        if (IsFinal)
        {
            return;
        }

        switch (message.KindCase)
        {
            case WorkerMessage.KindOneofCase.Heartbeat:
                Roster.Hear(member, message.Heartbeat, Record.JobId, now);
                break;
            case WorkerMessage.KindOneofCase.Steps:
                Progressed(member, message.Steps, now);
                return;
            case WorkerMessage.KindOneofCase.Standing:
                var s = message.Standing;
                Roster.Stand(Membership, member, new MemberStanding(s.Generation, s.HasState, s.CommittedSteps, [.. s.HeldMicrobatches.Select(m => (int)m)]));
                break;
            case WorkerMessage.KindOneofCase.Digest:
                Compare(member, message.Digest, now);
                break;
            case WorkerMessage.KindOneofCase.Finished:
                Finish(member, message.Finished, trainLoss, now);
                break;
            case WorkerMessage.KindOneofCase.Fault:
                Fault(member, message.Fault, now);
                break;
            case WorkerMessage.KindOneofCase.Leaving:
                member.Departure = Departure.Leaving;
                Note("member", $"worker {member.WorkerId} leaves: {message.Leaving.Reason}", now);
                break;
            default:
                return;
        }

        Settle(now);
    }

    /// <summary>The member that sends on this stream; null when it is none any more, so that what it says counts for nothing.</summary>
    public Member? Speaker(string workerId, Guid connection) =>
        Membership.Find(workerId) is { Death: null } member && member.Connection == connection ? member : null;

    private void Progressed(Member member, StepReports reports, DateTimeOffset now)
    {
        if (reports.Steps.Count == 0)
        {
            return;
        }

        var newest = reports.Steps[^1];
        member.LastProgress = now;
        member.Ready = true;
        member.CommittedSteps = Math.Max(member.CommittedSteps, newest.Step + 1);
        Record.CommittedSteps = Math.Max(Record.CommittedSteps, newest.Step + 1);
        if (newest.Seconds is { Step: > 0 } seconds)
        {
            member.StepSeconds = seconds.Step;
            var usual = Membership.UsualStepSeconds;
            Membership.UsualStepSeconds = usual <= 0 ? seconds.Step : usual + 0.1 * (seconds.Step - usual);
        }
    }

    private void Compare(Member member, DigestReport report, DateTimeOffset now)
    {
        if (_agreement.Add(member, report, Membership) is not { } verdict)
        {
            return;
        }

        if (verdict.Difference is { } difference)
        {
            GoBack(difference, now);
        }
        else if (verdict.CommittedSteps > Record.AgreedSteps)
        {
            Record.AgreedSteps = verdict.CommittedSteps;
            Record.Differences = 0;
        }
    }

    /// <summary>
    /// The members' weights are not the same. Since the last agreement every step's gradient may hold a part of the wrong ones, in everybody's state, so a
    /// majority only names the culprit: all go back to the newest checkpoint from before, or to the start, and end with the right bits.
    /// </summary>
    private void GoBack(string difference, DateTimeOffset now)
    {
        if (++Record.Differences >= FaultsInARow)
        {
            End(JobStatus.Failed, $"{difference}, {FaultsInARow} times without an agreement after step {Record.AgreedSteps}", now);
            return;
        }

        foreach (var member in Membership.Members.Where(m => m.Participates))
        {
            member.Distrusted = true;
        }

        var doubtful = Record.Checkpoints.Where(c => c.CommittedSteps > Record.AgreedSteps).ToList();
        Record.Checkpoints.RemoveAll(doubtful.Contains);
        Outbox.Withdrawn.AddRange(doubtful);
        Membership.Broken = "weights differ";
        var (folder, steps) = StartingPoint();
        Note("fault", $"{difference}; all go back to {(folder.Length > 0 ? $"checkpoint {folder} (step {steps})" : "the start")} and compute again", now);
        foreach (var checkpoint in doubtful)
        {
            Note("checkpoint", $"{checkpoint.Folder} is withdrawn: it may hold a part of the differing weights", now);
        }
    }

    private void Finish(Member member, Finished message, double? trainLoss, DateTimeOffset now)
    {
        member.Received = ReceivedBytes.Of(message.Traffic ?? new Traffic());
        if (_completion.Add(member, message, Membership, Spec.Steps) is not { } all)
        {
            return;
        }

        if (Completion.Disagreement(all) is { } disagreement)
        {
            GoBack(disagreement, now);
            return;
        }

        Completion.Record(all, Record, trainLoss);
        Record.CommittedSteps = message.CommittedSteps;
        End(JobStatus.Completed, $"{message.CommittedSteps} steps on {Workers(all.Count)}", now);
    }

    private void Fault(Member member, Fault fault, DateTimeOffset now)
    {
        if (fault.JobId != Record.JobId || (fault.Generation > 0 && fault.Generation < member.Generation))
        {
            return;
        }

        var where = $"worker {member.WorkerId}{(member.Rank >= 0 ? $" (rank {member.Rank})" : "")}, step {fault.Step}"
            + (fault.Layer.Length > 0 ? $", layer {fault.Layer}" : "");
        Note("fault", $"{where}: {fault.Kind}: {fault.Message}", now);
        switch (fault.Kind)
        {
            case FaultKinds.Configuration:
                // Every worker would say the same, and its log no more.
                End(JobStatus.Failed, $"{fault.Kind}: {fault.Message}", now);
                break;
            case "device" or "non-finite":
                End(JobStatus.Failed, $"{where}: {fault.Kind}: {fault.Message}{Logs.Describe(member.WorkerId)}", now);
                break;
            case "checkpoint":
                FallBack(fault, where, now);
                break;
            case "state":
                // Its own link to the others, not the job's trouble, however often it comes.
                member.Death = $"failed: {fault.Message}";
                break;
            default:
                Record.FaultsAtStep = Record.FaultStep == fault.Step ? Record.FaultsAtStep + 1 : 1;
                Record.FaultStep = fault.Step;
                if (Record.FaultsAtStep >= FaultsInARow)
                {
                    End(JobStatus.Failed, $"{where} failed {FaultsInARow} times in a row: {fault.Message}{Logs.Describe(member.WorkerId)}", now);
                }
                else
                {
                    member.Death = $"failed: {fault.Message}";
                }

                break;
        }
    }

    /// <summary>The checkpoint of the plan in force can't be loaded: the one before takes its place.</summary>
    private void FallBack(Fault fault, string where, DateTimeOffset now)
    {
        if (Membership.Stage != Stage.Planned || fault.Generation != Membership.Generation)
        {
            return;
        }

        if (Record.Checkpoints.Count == 0)
        {
            End(JobStatus.Failed, $"{where}: {fault.Message}", now);
            return;
        }

        var bad = Record.Checkpoints[^1];
        Record.Checkpoints.RemoveAt(Record.Checkpoints.Count - 1);
        Membership.Broken = $"checkpoint {bad.Folder} can't be loaded";
        Outbox.Withdrawn.Add(bad);
        Note("checkpoint", $"{bad.Folder} can't be loaded ({fault.Message}); falling back to the one before", now);
    }
}
