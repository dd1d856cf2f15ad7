using CsCheck;

namespace Dipnet.Exchange.Tests;

public sealed unsafe class TreeSumTests
{
    private static readonly Gen<int[]> Assignments =
        Gen.Int[0, 5].SelectMany(depth => Gen.Int[0, 4].Array[1 << depth]);

    [Fact]
    public void Cover_AnyAssignment_HasEachMicrobatchOnceAtItsOwner() =>
        Assignments.Sample(owners =>
        {
            var seen = new int[owners.Length];
            for (var rank = 0; rank < 5; rank++)
            {
                var end = 0;
                foreach (var node in ReductionTree.Cover(owners, rank))
                {
                    Assert.True(node.First >= end && node.First % node.Count == 0 && System.Numerics.BitOperations.IsPow2(node.Count));
                    end = node.First + node.Count;
                    for (var i = node.First; i < end; i++)
                    {
                        Assert.Equal(rank, owners[i]);
                        seen[i]++;
                    }
                }
            }

            Assert.All(seen, n => Assert.Equal(1, n));
        }, iter: 500);

    [Fact]
    public void ContiguousOwners_AnyWorld_AscendAndDifferByOneMicrobatchAtMost() =>
        Gen.Select(Gen.Int[0, 8], Gen.Int[1, 40]).Sample((depth, world) =>
        {
            var owners = ReductionTree.ContiguousOwners(1 << depth, world);
            Assert.Equal(owners.Order(), owners);
            var counts = Enumerable.Range(0, world).Select(r => owners.Count(o => o == r)).ToArray();
            Assert.InRange(counts.Max() - counts.Min(), 0, 1);
        }, iter: 300);

    [Fact]
    public void Run_AnyAssignment_HasTheBitsOfOneWorker() =>
        Gen.Select(Assignments, Gen.Int[1, 5000], Gen.ULong[0, 1000]).Sample((owners, elements, step) =>
        {
            var layout = GradientLayout.Create(elements, 0, 1 << 20, [0]);
            var plan = SumPlan.Create(owners);
            var values = plan.Nodes.Select(n => Cluster.NodeValues(layout, step, n.Node)).ToArray();
            var pins = values.Select(v => System.Runtime.InteropServices.GCHandle.Alloc(v, System.Runtime.InteropServices.GCHandleType.Pinned)).ToArray();
            var result = new float[elements];
            try
            {
                using var sum = new TreeSum(plan);
                var sources = pins.Select(p => new SumSource { Pointer = (void*)p.AddrOfPinnedObject(), Format = SourceFormat.Float }).ToArray();
                fixed (SumSource* from = sources)
                fixed (float* to = result)
                {
                    sum.Run(from, to, elements, round: false, streaming: true);
                }
            }
            finally
            {
                Array.ForEach(pins, p => p.Free());
            }

            Assert.True(result.AsSpan().SequenceEqual(Cluster.NodeValues(layout, step, new TreeNode(0, owners.Length))));
        }, iter: 60);
}
