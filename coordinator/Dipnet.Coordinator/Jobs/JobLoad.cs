using Dipnet.Protos;

namespace Dipnet.Coordinator.Jobs;

/// <summary>A loaded job: resolved when <see cref="Errors"/> is empty, else null.</summary>
public sealed record JobLoad(JobSpec? Job, IReadOnlyList<JobFileError> Errors);
