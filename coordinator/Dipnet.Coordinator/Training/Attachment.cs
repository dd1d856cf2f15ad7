namespace Dipnet.Coordinator.Training;

/// <summary>What becomes of a worker that says it belongs to a job.</summary>
internal enum Attachment
{
    /// <summary>It is a member and goes on.</summary>
    Member,

    /// <summary>It was fenced while away: it drops its state and is idle.</summary>
    Fenced,

    /// <summary>The job has ended; it gets a Stop.</summary>
    Ended,

    /// <summary>No such job.</summary>
    Unknown,
}
