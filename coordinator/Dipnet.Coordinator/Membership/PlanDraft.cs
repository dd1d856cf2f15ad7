namespace Dipnet.Coordinator.Membership;

/// <summary>Where training goes on, and who computes what in its first step.</summary>
/// <param name="CommittedSteps">Steps that are done.</param>
/// <param name="Owners">Rank of each microbatch.</param>
/// <param name="StateSources">Ranks that hold the state; empty: from the checkpoint, or afresh.</param>
/// <param name="Checkpoint">Folder to load when nobody has state; empty: afresh.</param>
internal sealed record PlanDraft(ulong CommittedSteps, IReadOnlyList<int> Owners, IReadOnlyList<int> StateSources, string Checkpoint);
