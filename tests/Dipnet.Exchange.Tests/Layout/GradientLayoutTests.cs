using CsCheck;

namespace Dipnet.Exchange.Tests;

public sealed class GradientLayoutTests
{
    private static readonly Gen<(long Weights, long Projections, long BucketBytes, long[] Boundaries, int World)> Layouts =
        Gen.Select(Gen.Long[1, 400_000].Array[0, 20], Gen.Long[0, 50_000], Gen.Long[4, 8 << 20], Gen.Int[1, 9]).Select((sizes, projections, bytes, world) =>
        {
            var starts = new long[sizes.Length];
            for (var i = 1; i < sizes.Length; i++)
            {
                starts[i] = starts[i - 1] + sizes[i - 1];
            }

            return (sizes.Sum(), sizes.Length == 0 ? projections + 1 : projections, bytes, starts, world);
        });

    [Fact]
    public void Buckets_AnyParameters_CoverTheGradientOnceAndBeginOnParameters() =>
        Layouts.Sample(l =>
        {
            var layout = GradientLayout.Create(l.Weights, l.Projections, l.BucketBytes, l.Boundaries, l.Boundaries.Where((_, i) => i % 3 == 0));
            long end = 0;
            foreach (var bucket in layout.Buckets.OrderBy(b => b.Offset))
            {
                Assert.Equal(end, bucket.Offset);
                Assert.True(bucket.Count > 0);
                Assert.True(bucket.Group == ParameterGroup.Projections ? bucket.Offset == l.Weights : Array.BinarySearch(l.Boundaries, bucket.Offset) >= 0);
                end += bucket.Count;
            }

            Assert.Equal(layout.Elements, end);
            Assert.Equal(Enumerable.Range(0, layout.Buckets.Count), layout.Buckets.Select(b => b.Index));
        }, iter: 500);

    [Fact]
    public void Buckets_OfSmallParameters_ShrinkTowardsTheEndOfBackward()
    {
        const long Parameter = 10_000, Elements = 400 * Parameter, Least = 64 * 1024;
        var layout = GradientLayout.Create(Elements, 0, 4 << 20, [.. Enumerable.Range(0, 400).Select(i => i * Parameter)]);

        Assert.InRange(layout.Buckets[0].Count, 1, (1 << 20) / sizeof(float));
        Assert.InRange(layout.Buckets.Max(b => b.Count), (4 << 20) / sizeof(float) - Parameter, (4 << 20) / sizeof(float));
        Assert.All(layout.Buckets, b => Assert.InRange(b.Count, 1, Math.Max(Least, (b.Offset + b.Count) / 2)));
        Assert.InRange(layout.Buckets[^1].Count, 1, Least);
    }

    [Fact]
    public void Buckets_OfALimitInsideAStage_BeginWithTheStageBehindIt()
    {
        // Of each stage: a matrix and, behind it, a bias that would still fit into the bucket of the next.
        const long Matrix = 140_000, Bias = 1_000, Stage = Matrix + Bias, Elements = 8 * Stage;
        long[] boundaries = [.. Enumerable.Range(0, 8).SelectMany(i => new[] { i * Stage, i * Stage + Matrix })];

        var layout = GradientLayout.Create(Elements, 0, 1 << 20, boundaries, Enumerable.Range(0, 8).Select(i => i * Stage));

        Assert.All(layout.Buckets, bucket => Assert.Equal(0, bucket.Offset % Stage));
        Assert.Equal(8, layout.Buckets.Count);
    }

    [Fact]
    public void Buckets_OfATinyStage_TakeWhatFollowsAsWell()
    {
        var layout = GradientLayout.Create(200_100, 0, 1 << 20, [0, 100_000, 200_000], [0, 200_000]);

        Assert.Equal([100_000L, 0L], layout.Buckets.Select(b => b.Offset));
    }

    [Fact]
    public void Create_AStageInsideAParameter_IsRefused() => Assert.Contains(
        "Stage 70", Assert.Throws<ArgumentException>(() => GradientLayout.Create(100, 0, 1 << 20, [0, 50], [50, 70])).Message, StringComparison.Ordinal);

    [Fact]
    public void Slices_AnyWorld_CoverEachBucketOnceInChunks() =>
        Layouts.Sample(l =>
        {
            var layout = GradientLayout.Create(l.Weights, l.Projections, l.BucketBytes, l.Boundaries);
            var map = new SliceMap(layout, 0, l.World);
            foreach (var bucket in layout.Buckets)
            {
                var end = bucket.Offset;
                for (var rank = 0; rank < l.World; rank++)
                {
                    var (offset, count) = layout.Slice(bucket, rank, l.World);
                    Assert.Equal(end, offset);
                    end += count;
                    var chunked = Enumerable.Range(0, map.Chunks(bucket.Index, rank)).Select(c => map.Chunk(bucket.Index, rank, c)).ToArray();
                    Assert.Equal(count, chunked.Sum(c => (long)c.Count));
                    Assert.All(chunked, c => Assert.InRange(c.Count, 1, GradientLayout.ChunkElements));
                }

                Assert.Equal(bucket.Offset + bucket.Count, end);
            }
        }, iter: 300);

    [Fact]
    public void Slices_OfAllBuckets_AreAsLargeForEveryRank()
    {
        const long Elements = 400 * GradientLayout.BlockElements;
        foreach (var world in new[] { 2, 3, 4, 7 })
        {
            var layout = GradientLayout.Create(Elements, 0, 1 << 20, [.. Enumerable.Range(0, 400).Select(i => (long)i * GradientLayout.BlockElements)]);
            var owned = Enumerable.Range(0, world).Select(rank => layout.Buckets.Sum(b => layout.Slice(b, rank, world).Count) / GradientLayout.BlockElements).ToArray();
            Assert.InRange(owned.Max() - owned.Min(), 0, 1);
        }
    }

    [Fact]
    public void Fingerprint_OtherBuckets_Differs() =>
        Assert.NotEqual(
            GradientLayout.Create(100_000, 10, 4096, [0, 50_000]).Fingerprint,
            GradientLayout.Create(100_000, 10, 4096, [0, 60_000]).Fingerprint);
}
