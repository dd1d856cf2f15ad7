namespace Dipnet.Exchange;

/// <summary>
/// The additions that make the root out of the nodes that workers hold, in the tree's order. The program is in postfix form:
/// i ≥ 0 takes node i of <see cref="Nodes"/>, <see cref="Add"/> adds the two newest values, left operand first.
/// The grouping of leaves under a node and of nodes under the root is the tree's, so any assignment gives the same bits.
/// </summary>
internal sealed class SumPlan
{
    public const int Add = -1;

    private SumPlan((int Rank, TreeNode Node)[] nodes, int[] program, int depth)
    {
        Nodes = nodes;
        Program = program;
        Depth = depth;
    }

    /// <summary>Nodes of all workers, by first microbatch.</summary>
    public (int Rank, TreeNode Node)[] Nodes { get; }

    public int[] Program { get; }

    /// <summary>Most values that are alive at once while the program runs.</summary>
    public int Depth { get; }

    public static SumPlan Create(IReadOnlyList<int> owners)
    {
        ReductionTree.CheckMicrobatches(owners.Count);
        var nodes = new List<(int, TreeNode)>();
        var program = new List<int>();
        var depth = Visit(0, owners.Count);
        return new SumPlan([.. nodes], [.. program], depth);

        int Visit(int first, int count)
        {
            if (ReductionTree.OneOwner(owners, first, count))
            {
                program.Add(nodes.Count);
                nodes.Add((owners[first], new TreeNode(first, count)));
                return 1;
            }

            var left = Visit(first, count / 2);
            var right = Visit(first + count / 2, count / 2);
            program.Add(Add);
            return Math.Max(left, right + 1);
        }
    }
}
