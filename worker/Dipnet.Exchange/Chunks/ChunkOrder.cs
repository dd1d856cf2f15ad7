namespace Dipnet.Exchange;

/// <summary>
/// The order of the chunks of one step on one stream. Sender and receiver compute it alike, so a receiver knows exactly which chunk is
/// due: bucket by bucket, chunk by chunk, and of each chunk all nodes of the sender. A sender without nodes sends one empty chunk for each
/// bucket, which says that it is there and done with the step before.
/// </summary>
internal struct ChunkOrder(SliceMap map, int sliceRank, int nodes)
{
    private readonly int perChunk = Math.Max(nodes, 1);
    private bool started;

    public int Bucket { get; private set; }

    public int Chunk { get; private set; }

    /// <summary>Of the sender's nodes.</summary>
    public int Node { get; private set; }

    public readonly bool Empty => nodes == 0;

    /// <summary>False at the end of the step.</summary>
    public bool Next()
    {
        if (started && ++Node < perChunk)
        {
            return true;
        }

        Node = 0;
        if (started && ++Chunk < Chunks)
        {
            return true;
        }

        Chunk = 0;
        Bucket = started ? Bucket + 1 : 0;
        started = true;
        while (Bucket < map.Layout.Buckets.Count && Chunks == 0)
        {
            Bucket++;
        }

        return Bucket < map.Layout.Buckets.Count;
    }

    private readonly int Chunks => nodes == 0 ? Math.Min(map.Chunks(Bucket, sliceRank), 1) : map.Chunks(Bucket, sliceRank);
}
