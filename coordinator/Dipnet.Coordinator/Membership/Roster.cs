using Dipnet.Coordinator.Training;
using Dipnet.Protos;

namespace Dipnet.Coordinator.Membership;

/// <summary>Applies events and decisions to a <see cref="MembershipState"/>. No I/O; messages of older generations change nothing.</summary>
internal static class Roster
{
    /// <summary>Takes in a worker; its stream is known, its model is not built yet.</summary>
    public static Member Add(MembershipState state, Hello hello, Guid connection, DateTimeOffset now)
    {
        var member = new Member { WorkerId = hello.WorkerId, Phase = Phase.Preparing };
        Bind(member, hello, connection, now);
        member.Generation = 0;
        state.Members.Add(member);
        return member;
    }

    /// <summary>A known member came back; null when the worker is none (its state is void).</summary>
    public static Member? Reattach(MembershipState state, Hello hello, Guid connection, MembershipOptions options, DateTimeOffset now)
    {
        // A stream that is still thought alive broke, or its worker would not have opened another.
        Disconnect(state, hello.WorkerId, options, now);
        if (state.Find(hello.WorkerId) is not { Death: null } member)
        {
            return null;
        }

        // The first one shows that the coordinator can be reached again: the others have tried as often.
        state.ReattachUntil = state.ReattachUntil < now + options.Rejoin ? state.ReattachUntil : now + options.Rejoin;
        Bind(member, hello, connection, now);
        member.Generation = hello.Generation;
        member.CommittedSteps = hello.CommittedSteps;
        if (state.Stage == Stage.Fenced)
        {
            // Whether it saw the fence is unknown, so a new one is made when all are back.
            state.Broken ??= $"{member.WorkerId} came back within a fence";
        }

        return member;
    }

    public static void Lose(MembershipState state, string workerId, Guid connection, string cause)
    {
        if (state.Find(workerId) is { } member && member.Connection == connection)
        {
            member.Death ??= cause;
        }
    }

    /// <summary>The member's stream broke and its worker may live: it may come back, as after a restart of the coordinator.</summary>
    public static void Disconnect(MembershipState state, string workerId, MembershipOptions options, DateTimeOffset now)
    {
        if (state.Find(workerId) is not { Death: null, Connection: not null } member)
        {
            return;
        }

        if (state.Members.TrueForAll(m => m.Connection is not null))
        {
            state.ReattachUntil = now + options.Reattach;
        }

        member.Connection = null;
    }

    /// <summary>Without this member the job would go back to a checkpoint, or to its start: it has the training state, and nobody else who is there has.</summary>
    public static bool AloneHasState(MembershipState state, Member member) =>
        HasState(state, member) && !state.Members.Exists(m => m != member && m is { Connection: not null, Death: null } && HasState(state, m));

    public static void Hear(Member member, Heartbeat beat, string jobId, DateTimeOffset now)
    {
        member.LastHeard = now;
        member.ResidentBytes = beat.ResidentBytes;
        if (beat.JobId != jobId)
        {
            return;
        }

        member.Received = beat.Traffic is null ? member.Received : ReceivedBytes.Of(beat.Traffic);

        var progress = beat.Phase != member.Phase || beat.CommittedSteps != member.CommittedSteps
            || beat.MicrobatchesDone != member.MicrobatchesDone || beat.Generation != member.Generation;
        if (progress)
        {
            member.LastProgress = now;
        }

        member.Phase = beat.Phase;
        member.Generation = Math.Max(member.Generation, beat.Generation);
        member.CommittedSteps = beat.CommittedSteps;
        member.MicrobatchesDone = beat.MicrobatchesDone;
        member.WaitingFor = [.. beat.WaitingFor.Select(r => (int)r)];
        member.Ready |= beat.Phase is not (Phase.Idle or Phase.Preparing);
    }

    /// <summary>False: the standing answers another fence than the newest, or the worker has no part in it.</summary>
    public static bool Stand(MembershipState state, Member member, MemberStanding standing)
    {
        if (state.Stage != Stage.Fenced || !member.Participates || standing.Generation != state.Generation)
        {
            return false;
        }

        member.Standing = standing;
        member.Ready = true;
        return true;
    }

    public static void Drop(MembershipState state, Member member, string reason, DateTimeOffset now)
    {
        state.Members.Remove(member);
        MarkSurplus(state);
        if (!member.Participates)
        {
            return;
        }

        if (state.Stage == Stage.Planned)
        {
            state.Broken ??= $"{member.WorkerId} {reason}";
        }

        if (!state.Members.Exists(m => m.Participates))
        {
            // Nobody is left that has state. What remains are joiners.
            state.Stage = Stage.Gathering;
            state.Broken = null;
            state.ShortSince = now;
        }
        else if (state.Stage == Stage.Fenced)
        {
            state.ShortSince = now;
        }
    }

    /// <summary>A new generation. It must be durable before anybody hears of it.</summary>
    public static void Fence(MembershipState state, IReadOnlyList<string> participants, DateTimeOffset now)
    {
        state.Generation++;
        state.Token = [];
        state.Broken = null;
        state.FencedAt = now;
        if (state.Stage == Stage.Planned)
        {
            state.ShortSince = now;
        }

        state.Stage = Stage.Fenced;
        foreach (var member in state.Members)
        {
            member.Standing = null;
            member.Participates = participants.Contains(member.WorkerId);
        }
    }

    /// <summary>Ranks by place in <paramref name="members"/>. The plan must be durable before anybody hears of it.</summary>
    public static PlanDraft Plan(
        MembershipState state, IReadOnlyList<string> members, IReadOnlyList<string> released, string checkpoint, ulong checkpointSteps, byte[] token)
    {
        state.Members.RemoveAll(m => released.Contains(m.WorkerId));
        var ranked = members.Select(id => state.Find(id)!).ToList();
        var draft = Planner.Plan(
            [.. ranked.Select(m => new PlanCandidate(m.Standing!.HasState && !m.Distrusted, m.Standing.CommittedSteps, m.Standing.Held))],
            state.Microbatches, checkpoint, checkpointSteps);
        for (var rank = 0; rank < ranked.Count; rank++)
        {
            ranked[rank].Rank = rank;
            ranked[rank].Distrusted = false;
            ranked[rank].Generation = state.Generation;
            ranked[rank].CommittedSteps = draft.CommittedSteps;
        }

        state.Stage = Stage.Planned;
        state.PlannedSteps = draft.CommittedSteps;
        state.Token = token;
        return draft;
    }

    /// <summary>Surplus members are those with the highest ranks.</summary>
    public static void Scale(MembershipState state, int workers)
    {
        state.Target = workers;
        state.Maximum = workers;
        state.Minimum = Math.Min(state.Minimum, workers);
        MarkSurplus(state);
    }

    /// <summary>After a restart of the coordinator: who was known has some time to come back.</summary>
    public static void Restore(MembershipState state, MembershipOptions options, DateTimeOffset now)
    {
        state.ReattachUntil = now + options.Reattach;
        state.ShortSince = now;
        state.FencedAt = now;
        foreach (var member in state.Members)
        {
            member.Connection = null;
        }
    }

    // By its last standing, or by what it did since under the newest plan.
    private static bool HasState(MembershipState state, Member member) =>
        member is { Participates: true, Distrusted: false, Rank: >= 0 }
        && (member.Standing is { HasState: true } standing && standing.CommittedSteps >= state.PlannedSteps || member.HasTrainedFrom(state.PlannedSteps));

    // Again whenever a member goes: one that was surplus and is still there is then wanted after all.
    private static void MarkSurplus(MembershipState state)
    {
        var staying = 0;
        foreach (var member in state.Members.Where(m => m.Departure != Departure.Leaving))
        {
            member.Departure = ++staying > state.Maximum ? Departure.ScaledDown : Departure.None;
        }
    }

    private static void Bind(Member member, Hello hello, Guid connection, DateTimeOffset now)
    {
        member.Connection = connection;
        member.Host = hello.Host;
        member.HostIdentity = hello.HostIdentity;
        member.ProcessId = hello.ProcessId;
        member.Device = hello.Device;
        member.Endpoints = Google.Protobuf.MessageExtensions.ToByteArray(hello.Endpoints ?? new Endpoints());
        member.LastHeard = now;
        member.LastProgress = now;
    }
}
