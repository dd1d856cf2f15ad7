namespace Dipnet.Coordinator.Membership;

/// <summary>Why a member is to be left out of the next plan.</summary>
internal enum Departure
{
    None,

    /// <summary>The worker asked for it (SIGTERM) and ends after its release.</summary>
    Leaving,

    /// <summary>The job was scaled down; the worker is idle after its release.</summary>
    ScaledDown,
}
