using Dipnet.Exchange;

namespace Dipnet.Worker.Training;

/// <summary>
/// Which nodes of the step's tree this worker has and in which slots: a leaf that completes a pair is added at once, so what remains are the largest nodes.
/// A leaf whose neighbour is there is accumulated by backward straight onto it: the same single addition. Pure bookkeeping; the training thread adds.
/// </summary>
internal sealed class LeafSums(int microbatches)
{
    private readonly Dictionary<TreeNode, int> _slots = [];
    private readonly SortedSet<int> _free = [.. Enumerable.Range(0, SlotsFor(microbatches))];

    /// <summary>Slots that any assignment of leaves can need: every second leaf, and one under construction.</summary>
    public static int SlotsFor(int microbatches) => microbatches / 2 + 1;

    /// <summary>What is held, in tree order.</summary>
    public IReadOnlyList<(TreeNode Node, int Slot)> Nodes => _slots.OrderBy(p => p.Key.First).Select(p => (p.Key, p.Value)).ToArray();

    /// <summary>The slot of the whole step's sum, when this worker has every leaf; else null.</summary>
    public int? Root => _slots.TryGetValue(new TreeNode(0, microbatches), out var slot) ? slot : null;

    /// <summary>Microbatches in the nodes.</summary>
    public IEnumerable<int> Held => _slots.Keys.SelectMany(n => Enumerable.Range(n.First, n.Count)).Order();

    /// <summary>Where the gradient of a microbatch goes and which sums it completes. Call <see cref="Finish"/> when that is done.</summary>
    public LeafTarget Begin(int microbatch)
    {
        var node = new TreeNode(microbatch, 1);
        var onto = _slots.TryGetValue(Neighbour(node), out var slot);
        if (!onto)
        {
            slot = _free.Min;
            _free.Remove(slot);
        }
        else
        {
            node = Parent(node);
        }

        var added = new List<int>();
        while (_slots.TryGetValue(Neighbour(node), out var other) && node.Count < microbatches)
        {
            added.Add(other);
            node = Parent(node);
        }

        return new LeafTarget(microbatch, slot, onto, added, node);
    }

    /// <summary>The target's sum is complete.</summary>
    public void Finish(LeafTarget target)
    {
        foreach (var node in _slots.Keys.Where(n => Covers(target.Node, n)).ToArray())
        {
            _slots.Remove(node, out var slot);
            if (slot != target.Slot)
            {
                _free.Add(slot);
            }
        }

        _slots.Add(target.Node, target.Slot);
    }

    /// <summary>What <see cref="Nodes"/> will be when the target is finished.</summary>
    public IReadOnlyList<(TreeNode Node, int Slot)> NodesAfter(LeafTarget target) =>
        Nodes.Where(n => !Covers(target.Node, n.Node)).Append((target.Node, target.Slot)).OrderBy(n => n.Item1.First).ToArray();

    /// <summary>Drops nodes with a microbatch that another worker owns now: a sum cannot be taken apart.</summary>
    public void KeepOnly(Func<int, bool> owned)
    {
        foreach (var (node, slot) in _slots.Where(p => !Enumerable.Range(p.Key.First, p.Key.Count).All(owned)).ToArray())
        {
            _slots.Remove(node);
            _free.Add(slot);
        }
    }

    /// <summary>The step is committed, or its leaves are no longer wanted.</summary>
    public void Clear() => KeepOnly(_ => false);

    private static bool Covers(TreeNode outer, TreeNode inner) => inner.First >= outer.First && inner.First < outer.First + outer.Count;

    private static TreeNode Neighbour(TreeNode node) => node with { First = node.First ^ node.Count };

    private static TreeNode Parent(TreeNode node) => new(node.First & ~node.Count, node.Count * 2);
}
