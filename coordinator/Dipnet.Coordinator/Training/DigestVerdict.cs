namespace Dipnet.Coordinator.Training;

/// <summary>What the members' digests of one step mean.</summary>
/// <param name="CommittedSteps">The step.</param>
/// <param name="Difference">Whose weights differ; null: all are equal.</param>
internal sealed record DigestVerdict(ulong CommittedSteps, string? Difference);
