using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Dipnet.Exchange;

/// <summary>
/// How the flat gradient is cut: buckets in the order in which backward finishes them (from the end of the weights to their start, the
/// first small so that the exchange starts early, each ending with the stage that fills half of it, each at most half of what is left so that little is to be
/// sent when backward ends, the projections last), each bucket into one slice per worker, each slice into chunks.
/// Every worker of a job computes the same layout. Immutable.
/// </summary>
public sealed class GradientLayout
{
    /// <summary>Slices are multiples of this many elements (64 KiB of fp32) from the start of their bucket.</summary>
    public const int BlockElements = 16 * 1024;

    /// <summary>A chunk, the unit on the wire, has this many elements (256 KiB of fp32), the last of a slice fewer.</summary>
    public const int ChunkElements = 64 * 1024;

    private const long FirstBucketElements = (1 << 20) / sizeof(float);

    /// <summary>Less than this (256 KiB of fp32) is not worth a bucket of its own.</summary>
    private const long LeastBucketElements = 64 * 1024;

    private GradientLayout(long weightsElements, long elements, Bucket[] buckets)
    {
        WeightsElements = weightsElements;
        Elements = elements;
        Buckets = buckets;
        Fingerprint = XxHash3.HashToUInt64(MemoryMarshal.AsBytes<long>(
            [weightsElements, elements, BlockElements, ChunkElements, .. buckets.SelectMany(b => new[] { b.Offset, b.Count })]));
    }

    /// <summary>Elements of the flat gradient: weights, then projections.</summary>
    public long Elements { get; }

    /// <summary>Elements of the weights group, which starts at 0.</summary>
    public long WeightsElements { get; }

    /// <summary>Buckets in the order in which they become ready.</summary>
    public IReadOnlyList<Bucket> Buckets { get; }

    /// <summary>Equal for equal layouts; peers whose fingerprints differ refuse each other.</summary>
    public ulong Fingerprint { get; }

    /// <param name="weightsElements">Elements of the weights group, padding included.</param>
    /// <param name="projectionsElements">Elements of the projections group, padding included; may be 0.</param>
    /// <param name="bucketBytes">Aim for the size of a bucket in bytes of fp32. A parameter is never split, so one that is larger has a bucket of its own.</param>
    /// <param name="boundaries">Ascending starts of the weights' parameters, in elements. Buckets begin on them.</param>
    /// <param name="stages">Those of the boundaries from which on backward finishes all weights at once. Buckets begin on them where that leaves them large enough: one that
    /// reaches a little into the next stage would wait for all of it.</param>
    /// <exception cref="ArgumentException">A size is not positive, the boundaries are not ascending inside the weights, or a stage is none of them.</exception>
    public static GradientLayout Create(
        long weightsElements, long projectionsElements, long bucketBytes, IReadOnlyList<long> boundaries, IEnumerable<long>? stages = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(weightsElements);
        ArgumentOutOfRangeException.ThrowIfNegative(projectionsElements);
        ArgumentOutOfRangeException.ThrowIfLessThan(bucketBytes, sizeof(float));
        ArgumentOutOfRangeException.ThrowIfLessThan(weightsElements + projectionsElements, 1, nameof(weightsElements));
        for (var i = 0; i < boundaries.Count; i++)
        {
            if (boundaries[i] < 0 || boundaries[i] >= weightsElements || (i > 0 && boundaries[i] <= boundaries[i - 1]))
            {
                throw new ArgumentException(
                    $"Boundary {i} is {boundaries[i]}: boundaries ascend and lie in [0, {weightsElements}).", nameof(boundaries));
            }
        }

        var stageStarts = (stages ?? []).ToHashSet();
        if (!stageStarts.IsSubsetOf(boundaries))
        {
            throw new ArgumentException($"Stage {stageStarts.Except(boundaries).First()}: a stage begins on a boundary.", nameof(stages));
        }

        var buckets = new List<Bucket>();
        var end = weightsElements;
        while (end > 0)
        {
            var start = BucketStart(end, buckets.Count == 0, bucketBytes / sizeof(float), boundaries, stageStarts);
            buckets.Add(new Bucket(buckets.Count, ParameterGroup.Weights, start, end - start));
            end = start;
        }

        if (projectionsElements > 0)
        {
            buckets.Add(new Bucket(buckets.Count, ParameterGroup.Projections, weightsElements, projectionsElements));
        }

        return new GradientLayout(weightsElements, weightsElements + projectionsElements, [.. buckets]);
    }

    /// <summary>The part of a bucket that one worker reduces, in elements of the flat gradient. Slices of all ranks cover the bucket once; one may be empty.</summary>
    public (long Offset, long Count) Slice(Bucket bucket, int rank, int world)
    {
        // What an uneven division leaves over is dealt on from bucket to bucket: otherwise one rank would get most of every small one.
        var (each, left) = Math.DivRem(Blocks(bucket), world);
        var turn = (int)(Buckets.Take(bucket.Index).Sum(Blocks) % world);
        long Before(int r) => each * r + Enumerable.Range(0, r).Count(i => (i - turn + world) % world < left);
        var first = Math.Min(Before(rank) * BlockElements, bucket.Count);
        var last = Math.Min(Before(rank + 1) * BlockElements, bucket.Count);
        return (bucket.Offset + first, last - first);
    }

    /// <summary>
    /// Where the bucket that ends at <paramref name="end"/> begins: with the first stage that fills half of it, so that it need not wait for the next; without one, as many
    /// parameters as fit, back to the last stage if that is not too little.
    /// </summary>
    private static long BucketStart(long end, bool first, long aim, IReadOnlyList<long> boundaries, HashSet<long> stageStarts)
    {
        var limit = Math.Min(first ? Math.Min(aim, FirstBucketElements) : aim, Math.Max(end / 2, LeastBucketElements));
        long? start = null, stage = null;
        foreach (var boundary in boundaries.Reverse().Append(0).SkipWhile(b => b >= end))
        {
            // A bias alone is no bucket: then the next parameter comes along, however large.
            if (end - boundary > limit && end - start > limit / 8)
            {
                return stage ?? start!.Value;
            }

            start = boundary;
            if (stageStarts.Contains(boundary) && end - boundary >= LeastBucketElements)
            {
                stage = boundary;
                if (end - boundary >= limit / 2)
                {
                    return boundary;
                }
            }
        }

        return 0;
    }

    private static long Blocks(Bucket bucket) => (bucket.Count + BlockElements - 1) / BlockElements;

    /// <summary>Chunks of a slice of so many elements.</summary>
    internal static int Chunks(long sliceElements) => (int)((sliceElements + ChunkElements - 1) / ChunkElements);
}
