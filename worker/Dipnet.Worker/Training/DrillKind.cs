namespace Dipnet.Worker.Training;

/// <summary>What a worker does to itself for a drill.</summary>
internal enum DrillKind
{
    /// <summary>SIGKILL.</summary>
    Kill,

    /// <summary>SIGSTOP.</summary>
    Hang,

    /// <summary>SIGTERM.</summary>
    Leave,

    /// <summary>Turns one bit of its weights round, as a fault of its memory does.</summary>
    Flip,
}
