namespace Dipnet.Exchange;

/// <summary>Slices of every bucket for one membership, looked up instead of computed.</summary>
internal sealed class SliceMap
{
    private readonly (long Offset, long Count)[] slices;
    private readonly long[] ownStarts;
    private readonly int world;

    public SliceMap(GradientLayout layout, int rank, int world)
    {
        this.world = world;
        Layout = layout;
        slices = new (long, long)[layout.Buckets.Count * world];
        ownStarts = new long[layout.Buckets.Count];
        foreach (var bucket in layout.Buckets)
        {
            for (var r = 0; r < world; r++)
            {
                slices[(bucket.Index * world) + r] = layout.Slice(bucket, r, world);
            }

            ownStarts[bucket.Index] = OwnElements;
            OwnElements += Slice(bucket.Index, rank).Count;
        }
    }

    public GradientLayout Layout { get; }

    /// <summary>Elements of all slices of this worker.</summary>
    public long OwnElements { get; }

    public (long Offset, long Count) Slice(int bucket, int rank) => slices[(bucket * world) + rank];

    public int Chunks(int bucket, int rank) => GradientLayout.Chunks(Slice(bucket, rank).Count);

    /// <summary>Chunk of a slice, in elements of the flat gradient.</summary>
    public (long First, int Count) Chunk(int bucket, int rank, int chunk)
    {
        var (offset, count) = Slice(bucket, rank);
        var start = (long)chunk * GradientLayout.ChunkElements;
        return (offset + start, (int)Math.Min(GradientLayout.ChunkElements, count - start));
    }

    /// <summary>Where this worker's slice of a bucket begins when its slices lie one behind the other.</summary>
    public long OwnStart(int bucket) => ownStarts[bucket];
}
