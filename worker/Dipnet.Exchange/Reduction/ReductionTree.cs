using System.Numerics;

namespace Dipnet.Exchange;

/// <summary>
/// The fixed binary tree over the microbatches of a step. A node is the sum of its left half and its right half, in that order,
/// whoever computed them; so the root has the same bits for every assignment of microbatches to workers. Pure.
/// </summary>
public static class ReductionTree
{
    /// <summary>The largest nodes all of whose microbatches are the rank's, by first microbatch; empty when it has none.</summary>
    /// <param name="owners">Rank of each microbatch; as many as a power of two.</param>
    public static IReadOnlyList<TreeNode> Cover(IReadOnlyList<int> owners, int rank)
    {
        CheckMicrobatches(owners.Count);
        var nodes = new List<TreeNode>();
        Visit(0, owners.Count);
        return nodes;

        void Visit(int first, int count)
        {
            if (OneOwner(owners, first, count))
            {
                if (owners[first] == rank)
                {
                    nodes.Add(new TreeNode(first, count));
                }

                return;
            }

            Visit(first, count / 2);
            Visit(first + count / 2, count / 2);
        }
    }

    /// <summary>Rank r has microbatches [r·M/N, (r+1)·M/N).</summary>
    public static int[] ContiguousOwners(int microbatches, int world)
    {
        CheckMicrobatches(microbatches);
        ArgumentOutOfRangeException.ThrowIfLessThan(world, 1);
        var owners = new int[microbatches];
        for (var rank = 0; rank < world; rank++)
        {
            var first = (int)((long)rank * microbatches / world);
            var last = (int)((long)(rank + 1) * microbatches / world);
            owners.AsSpan(first, last - first).Fill(rank);
        }

        return owners;
    }

    internal static void CheckMicrobatches(int count)
    {
        if (!BitOperations.IsPow2(count))
        {
            throw new ArgumentException($"A step has {count} microbatches: their number is a power of two.", nameof(count));
        }
    }

    internal static bool OneOwner(IReadOnlyList<int> owners, int first, int count)
    {
        for (var i = 1; i < count; i++)
        {
            if (owners[first + i] != owners[first])
            {
                return false;
            }
        }

        return true;
    }
}
