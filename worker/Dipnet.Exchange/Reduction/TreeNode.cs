namespace Dipnet.Exchange;

/// <summary>
/// A node of the one binary tree over microbatches: the sum of the gradients of microbatches [First, First + Count).
/// Count is a power of two and First a multiple of it.
/// </summary>
public readonly record struct TreeNode(int First, int Count);
