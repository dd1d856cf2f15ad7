namespace Dipnet.Coordinator.Membership;

/// <summary>Every time-out of the membership; all follow from the job's one knob.</summary>
/// <param name="Lease">Silence of a connected worker after which it counts as hung.</param>
/// <param name="Progress">Least time without any progress of a worker that nobody holds up.</param>
/// <param name="FirstProgress">The same while no step was made yet, so that the usual duration is unknown.</param>
/// <param name="Reattach">Time until the first member has to come back after a restart of the coordinator, or the one that alone has the state.</param>
/// <param name="Rejoin">Time that the others then have.</param>
/// <param name="Wait">How long to wait for workers.</param>
internal sealed record MembershipOptions(TimeSpan Lease, TimeSpan Progress, TimeSpan FirstProgress, TimeSpan Reattach, TimeSpan Rejoin, TimeSpan Wait)
{
    /// <summary>A step may take this many times the usual before its worker counts as hung.</summary>
    public const int UsualSteps = 8;

    /// <summary>The time-outs of <c>failure-detection</c>: fast, default or patient.</summary>
    public static MembershipOptions For(string failureDetection, TimeSpan wait) => failureDetection switch
    {
        "fast" => Of(2, wait),
        "patient" => Of(30, wait),
        _ => Of(4, wait),
    };

    public TimeSpan ProgressOf(double usualStepSeconds) => usualStepSeconds <= 0
        ? FirstProgress
        : TimeSpan.FromSeconds(Math.Max(Progress.TotalSeconds, UsualSteps * usualStepSeconds));

    private static MembershipOptions Of(double seconds, TimeSpan wait) => new(
        TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(15 * seconds), TimeSpan.FromSeconds(2 * seconds),
        TimeSpan.FromSeconds(Math.Max(2, 0.75 * seconds)), wait);
}
