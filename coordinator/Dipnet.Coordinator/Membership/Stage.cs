namespace Dipnet.Coordinator.Membership;

/// <summary>Where a job's membership is between two plans.</summary>
internal enum Stage
{
    /// <summary>No plan is in force and nobody is fenced: workers are joining.</summary>
    Gathering,

    /// <summary>The participants of the newest generation were told to stop; their standings are awaited.</summary>
    Fenced,

    /// <summary>The plan of the newest generation is in force.</summary>
    Planned,
}
