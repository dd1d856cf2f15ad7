namespace Dipnet.Coordinator.Membership;

/// <summary>A member's answer to a fence.</summary>
/// <param name="Generation">The fence's generation.</param>
/// <param name="HasState">It holds the training state of <paramref name="CommittedSteps"/>.</param>
/// <param name="CommittedSteps">Steps whose result it has applied.</param>
/// <param name="Held">Microbatches of step <paramref name="CommittedSteps"/> whose gradients it holds.</param>
internal sealed record MemberStanding(ulong Generation, bool HasState, ulong CommittedSteps, IReadOnlyList<int> Held);
