namespace Dipnet.Coordinator.Membership;

/// <summary>What <see cref="MembershipDecision"/> decides on. Changed by <see cref="Roster"/> alone.</summary>
internal sealed class MembershipState
{
    public Stage Stage { get; set; }

    /// <summary>Of the newest fence; a plan carries its fence's. 0 before the first.</summary>
    public ulong Generation { get; set; }

    /// <summary>Every exchange request of the plan in force carries it.</summary>
    public byte[] Token { get; set; } = [];

    /// <summary>Where the newest plan went on from.</summary>
    public ulong PlannedSteps { get; set; }

    /// <summary>In order of joining, which is the order of ranks.</summary>
    public List<Member> Members { get; set; } = [];

    /// <summary>Workers to start with.</summary>
    public int Target { get; set; }

    public int Minimum { get; set; }
    public int Maximum { get; set; }
    public int Microbatches { get; set; }

    /// <summary>Not null: the plan in force no longer fits its members, and why.</summary>
    public string? Broken { get; set; }

    /// <summary>Since when there are too few workers to train.</summary>
    public DateTimeOffset ShortSince { get; set; }

    public DateTimeOffset FencedAt { get; set; }

    /// <summary>Until when members that the coordinator knew before its own restart may come back.</summary>
    public DateTimeOffset ReattachUntil { get; set; }

    /// <summary>Median of the newest steps; 0 while unknown.</summary>
    public double UsualStepSeconds { get; set; }

    public Member? Find(string workerId) => Members.Find(m => m.WorkerId == workerId);
}
