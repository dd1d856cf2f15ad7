namespace Dipnet.Coordinator.Membership;

/// <summary>What to do next about a job's members.</summary>
internal abstract record Decision
{
    /// <summary>Nothing until the next event.</summary>
    public sealed record None : Decision
    {
        public static readonly None Instance = new();
    }

    /// <summary>Too few workers; the job waits for more.</summary>
    public sealed record WaitForWorkers : Decision;

    /// <summary>The worker is no member any more; its state is void.</summary>
    public sealed record Drop(string WorkerId) : Decision;

    /// <summary>A new generation: its participants stop and say where they are.</summary>
    public sealed record Fence(IReadOnlyList<string> Participants) : Decision;

    /// <summary>The fenced generation goes on with these members, in rank order.</summary>
    public sealed record Plan(IReadOnlyList<string> Members, IReadOnlyList<string> Released) : Decision;

    /// <summary>The job cannot go on.</summary>
    public sealed record Fail : Decision;
}
