using Dipnet.Exchange;

namespace Dipnet.Worker.Training;

/// <summary>Where the gradient of one microbatch goes.</summary>
/// <param name="Microbatch">The leaf.</param>
/// <param name="Slot">Of the arena; backward accumulates into it.</param>
/// <param name="OntoNeighbour">The slot holds the neighbouring leaf already; else it must be zero first.</param>
/// <param name="AddedSlots">Slots to add to <paramref name="Slot"/> afterwards, in this order: the tree's sums that the leaf completes.</param>
/// <param name="Node">What the slot holds when all is added.</param>
internal sealed record LeafTarget(int Microbatch, int Slot, bool OntoNeighbour, IReadOnlyList<int> AddedSlots, TreeNode Node);
