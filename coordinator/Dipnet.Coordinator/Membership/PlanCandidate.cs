namespace Dipnet.Coordinator.Membership;

/// <summary>A member as the planner sees it; a member's place in the list is its rank.</summary>
/// <param name="HasState">It holds state that may be used.</param>
/// <param name="CommittedSteps">Of that state.</param>
/// <param name="Held">Microbatches of step <paramref name="CommittedSteps"/> whose gradients it holds.</param>
internal sealed record PlanCandidate(bool HasState, ulong CommittedSteps, IReadOnlyList<int> Held);
