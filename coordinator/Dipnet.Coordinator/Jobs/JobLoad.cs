using Dipnet.Protos;

namespace Dipnet.Coordinator.Jobs;

/// <summary>A loaded job: resolved when <see cref="Errors"/> is empty, else null.</summary>
public sealed record JobLoad(JobSpec? Job, IReadOnlyList<JobFileError> Errors)
{
    /// <summary>Keys that the file or an override has; the others' values are defaults.</summary>
    public IReadOnlySet<string> Given { get; init; } = new HashSet<string>();
}
