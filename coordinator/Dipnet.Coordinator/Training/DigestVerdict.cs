namespace Dipnet.Coordinator.Training;

/// <summary>What equal or different digests of one step mean.</summary>
/// <param name="Distrusted">Workers whose state must not be used; all of them when no majority says who is right.</param>
internal sealed record DigestVerdict(ulong CommittedSteps, IReadOnlyList<string> Distrusted, bool HasMajority, string Text);
