using Dipnet.Protos;

namespace Dipnet.Coordinator.Membership;

/// <summary>Decides who trains. Pure: neither reads a clock nor changes the state.</summary>
internal static class MembershipDecision
{
    private static readonly Decision Nothing = Decision.None.Instance;

    /// <summary>
    /// The next decision and its reason. Called again after each decision was applied, until it is <see cref="Decision.None"/>:
    /// <list type="number">
    /// <item>whoever is dead, silent or stuck is dropped, one at a time;</item>
    /// <item>a plan that no longer fits its members is fenced;</item>
    /// <item>a fenced generation whose standings are all in is planned, when enough workers are left;</item>
    /// <item>a job without a plan starts when its workers are there, or fails when they do not come.</item>
    /// </list>
    /// </summary>
    public static (Decision Decision, string Reason) Decide(DateTimeOffset now, MembershipState state, MembershipOptions options)
    {
        if (FindDead(now, state, options) is var (dead, cause) && dead is not null)
        {
            return (new Decision.Drop(dead.WorkerId), cause);
        }

        return state.Stage switch
        {
            Stage.Planned => WhilePlanned(state),
            Stage.Fenced => WhileFenced(now, state, options),
            _ => WhileGathering(now, state, options),
        };
    }

    private static (Member? Member, string Cause) FindDead(DateTimeOffset now, MembershipState state, MembershipOptions options)
    {
        foreach (var member in state.Members)
        {
            if (member.Death is not null)
            {
                return (member, member.Death);
            }

            if (member is { Participates: false, Departure: not Departure.None })
            {
                return (member, "left before it took part");
            }

            if (member.Connection is null)
            {
                if (now >= state.ReattachUntil)
                {
                    return (member, "did not come back");
                }
            }
            else if (now - member.LastHeard >= options.Lease)
            {
                return (member, $"was silent for {Seconds(now - member.LastHeard)}");
            }
        }

        return state.Stage switch
        {
            Stage.Planned => FindStuck(now, state, options),
            Stage.Fenced => FindUnanswering(now, state, options),
            _ => (null, ""),
        };
    }

    /// <summary>Of the workers that make no progress the guilty one is the one that waits for nobody.</summary>
    private static (Member?, string) FindStuck(DateTimeOffset now, MembershipState state, MembershipOptions options)
    {
        var limit = options.ProgressOf(state.UsualStepSeconds);
        var active = state.Members.FindAll(m => m.Participates && m.Connection is not null);
        var stuck = active.FindAll(m => IsStepPhase(m.Phase) && now - m.LastProgress >= limit);
        var guilty = stuck.FindAll(m => m.WaitingFor.Count == 0);
        if (guilty.Count == 0 && stuck.Count == active.Count)
        {
            // A circle, e.g. a link that swallows packets: the one that most others lack, the later rank among equals.
            guilty = stuck.FindAll(m => stuck.Exists(o => o.WaitingFor.Contains(m.Rank)))
                .OrderByDescending(m => stuck.Count(o => o.WaitingFor.Contains(m.Rank))).ThenByDescending(m => m.Rank).Take(1).ToList();
        }

        // When everybody is stuck alike nobody is the odd one: the machine is slow, and dropping all would lose the state.
        return guilty.Count == 0 || guilty.Count == active.Count
            ? (null, "")
            : (guilty[0], $"made no progress for {Seconds(now - guilty[0].LastProgress)} while it waited for nobody");
    }

    private static (Member?, string) FindUnanswering(DateTimeOffset now, MembershipState state, MembershipOptions options)
    {
        var limit = options.ProgressOf(state.UsualStepSeconds);
        var late = state.Members.Find(m => m.Participates && !Stands(m, state) && m.Connection is not null && m.Phase != Phase.Preparing
            && now - Later(state.FencedAt, m.LastProgress) >= limit);
        return late is null ? (null, "") : (late, $"did not answer fence {state.Generation} for {Seconds(now - state.FencedAt)}");
    }

    private static (Decision, string) WhilePlanned(MembershipState state)
    {
        var participants = state.Members.FindAll(m => m.Participates);
        if (state.Broken is not null)
        {
            return Fence(state, state.Broken);
        }

        if (participants.Exists(m => m.Connection is null))
        {
            return (Nothing, "members are coming back");
        }

        if (participants.Find(m => m.Generation != state.Generation) is { } stale)
        {
            return Fence(state, $"{stale.WorkerId} came back under generation {stale.Generation}");
        }

        var departing = participants.Find(m => m.Departure != Departure.None);
        var others = participants.FindAll(m => m.Departure == Departure.None);
        if (departing is not null && (others.Count == 0 || others.Exists(m => HasCaughtUp(m, state))))
        {
            return Fence(state, departing.Departure == Departure.Leaving
                ? $"{departing.WorkerId} leaves" : $"scaled down to {state.Target} workers");
        }

        return state.Members.Find(m => IsReadyJoiner(m)) is { } joiner && others.Count < state.Maximum
            ? Fence(state, $"{joiner.WorkerId} joins")
            : (Nothing, "in force");
    }

    private static (Decision, string) WhileFenced(DateTimeOffset now, MembershipState state, MembershipOptions options)
    {
        var participants = state.Members.FindAll(m => m.Participates);
        if (participants.Exists(m => m.Connection is null))
        {
            return (Nothing, "members are coming back");
        }

        if (state.Broken is not null)
        {
            return Fence(state, state.Broken);
        }

        if (participants.Exists(m => !Stands(m, state)))
        {
            return (Nothing, "standings are awaited");
        }

        var members = participants.FindAll(m => m.Departure == Departure.None);
        var released = participants.FindAll(m => m.Departure != Departure.None);
        if (members.Count > 0 && members.Count + 1 >= state.Minimum && !members.Exists(Usable) && released.Exists(Usable))
        {
            // The state would leave with those that leave: one of them stays, and counts, until another has it, beside at least one that
            // can take it.
            var keeper = released.Where(Usable).MaxBy(m => m.Standing!.CommittedSteps)!;
            var heirs = members.Take(Math.Max(1, state.Maximum - 1)).ToList();
            return (new Decision.Plan([keeper.WorkerId, .. Ids(heirs)], Ids(participants.Where(m => m != keeper && !heirs.Contains(m)))),
                $"{keeper.WorkerId} hands its state over");
        }

        if (members.Count >= state.Minimum)
        {
            return (new Decision.Plan(Ids(members.Take(state.Maximum)), Ids(released.Concat(members.Skip(state.Maximum)))), $"{members.Count} workers");
        }

        // Too few are left to train. Whoever leaves waits only while it alone may have the state that the others will need.
        if (released.Find(m => !Usable(m) || members.Exists(Usable) || released.Count == state.Members.Count) is { } free)
        {
            return (new Decision.Drop(free.WorkerId), "left");
        }

        return state.Members.Exists(IsReadyJoiner)
            ? Fence(state, "workers join")
            : OrFail(now, state, options, members.Count);
    }

    private static (Decision, string) WhileGathering(DateTimeOffset now, MembershipState state, MembershipOptions options)
    {
        var present = state.Members.FindAll(m => m.Connection is not null && m.Departure == Departure.None);
        if (present.Count < state.Members.Count(m => m.Departure == Departure.None))
        {
            return (Nothing, "members are coming back");
        }

        if (present.Count >= Math.Max(state.Target, state.Minimum))
        {
            return Fence(state, present.Count == 1 ? "1 worker is there" : $"{present.Count} workers are there");
        }

        return now - state.ShortSince >= options.Wait && present.Count >= state.Minimum
            ? Fence(state, $"{present.Count} of {state.Target} workers came within {Seconds(options.Wait)}")
            : OrFail(now, state, options, present.Count);
    }

    private static (Decision, string) OrFail(DateTimeOffset now, MembershipState state, MembershipOptions options, int present) =>
        now - state.ShortSince >= options.Wait
            ? (new Decision.Fail(), $"{present} workers after waiting {Seconds(options.Wait)}, the minimum is {state.Minimum}")
            : (new Decision.WaitForWorkers(), $"waiting for workers: {present} of {state.Target} are there, the minimum is {state.Minimum}");

    /// <summary>Everybody connected that trains or is ready to; in gathering also those that still build their model.</summary>
    private static (Decision, string) Fence(MembershipState state, string reason)
    {
        var gathering = state.Stage == Stage.Gathering || !state.Members.Exists(m => m.Participates);
        var ids = Ids(state.Members.Where(m => m.Connection is not null && (m.Participates || IsReadyJoiner(m) || gathering)));
        return (new Decision.Fence(ids), reason);
    }

    private static bool IsReadyJoiner(Member m) => !m.Participates && m is { Connection: not null, Ready: true, Departure: Departure.None };

    private static bool Stands(Member m, MembershipState state) => m.Standing?.Generation == state.Generation;

    private static bool Usable(Member m) => !m.Distrusted && m.Standing is { HasState: true };

    private static bool HasCaughtUp(Member m, MembershipState state) => m.Generation == state.Generation && m.HasTrainedFrom(state.PlannedSteps);

    private static bool IsStepPhase(Phase phase) => phase is Phase.Compute or Phase.Exchange or Phase.Optimizer;

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static List<string> Ids(IEnumerable<Member> members) => [.. members.Select(m => m.WorkerId)];

    private static string Seconds(TimeSpan span) => FormattableString.Invariant($"{span.TotalSeconds:0.#} s");
}
