namespace Dipnet.Exchange;

/// <summary>
/// The exchange of one step: what of it has come, what is reduced. Only the exchange thread changes it, except <see cref="Publish"/>;
/// other threads read flags that go from false to true once, after the data behind them is in place.
/// </summary>
internal sealed unsafe class StepState : IDisposable
{
    private readonly SessionFrame frame;
    private readonly TreeSum sum;
    private readonly SumSource* sources;
    private readonly int[] ownSlots;
    private readonly int[] nodesOf;          // nodes of each rank
    private readonly int[][] missing;        // [bucket][chunk of the own slice]: ranks' nodes not here yet, one more for each rank without nodes
    private readonly bool[] published;
    private readonly bool[] ownTaken;
    private readonly int[] chunksToReduce;   // [bucket]
    private readonly byte[][] reduced;       // [bucket][chunk of the own slice]
    private readonly int[] lacking;          // [bucket]: chunks of the own slice to reduce and of the others' to receive
    private readonly Action<int>? bucketReduced;
    private readonly int[] nodesLacking;     // [rank]: arrivals that are outstanding
    private readonly int[] resultsLacking;   // [rank]
    private readonly bool[] nodesTaken;      // [bucket * world + rank], peers in shared memory
    private readonly bool[] resultsTaken;
    private int remaining;                   // the sum of lacking

    /// <param name="bucketReduced">Called by the exchange thread when a bucket's whole sum is here.</param>
    public StepState(
        SessionFrame frame, ulong step, IReadOnlyList<int> owners, IReadOnlyList<(TreeNode Node, int Slot)> nodes, Action<int>? bucketReduced = null)
    {
        (this.frame, this.bucketReduced) = (frame, bucketReduced);
        Step = step;
        Stamp = ArenaControl.Stamp(frame.Options.Generation, step);
        Plan = SumPlan.Create(owners);
        sum = new TreeSum(Plan);
        sources = (SumSource*)System.Runtime.InteropServices.NativeMemory.AllocZeroed((nuint)Plan.Nodes.Length, (nuint)sizeof(SumSource));
        ownSlots = [.. nodes.Select(n => n.Slot)];
        var buckets = frame.Layout.Buckets.Count;
        nodesOf = new int[frame.World];
        NodesOf = new TreeNode[frame.World][];
        PlanIndex = new int[frame.World][];
        for (var rank = 0; rank < frame.World; rank++)
        {
            PlanIndex[rank] = [.. Enumerable.Range(0, Plan.Nodes.Length).Where(i => Plan.Nodes[i].Rank == rank)];
            NodesOf[rank] = [.. PlanIndex[rank].Select(i => Plan.Nodes[i].Node)];
            nodesOf[rank] = NodesOf[rank].Length;
        }

        published = new bool[buckets];
        ownTaken = new bool[buckets];
        nodesTaken = new bool[buckets * frame.World];
        resultsTaken = new bool[buckets * frame.World];
        nodesLacking = new int[frame.World];
        resultsLacking = new int[frame.World];
        missing = new int[buckets][];
        reduced = new byte[buckets][];
        lacking = new int[buckets];
        chunksToReduce = new int[buckets];
        var arrivals = nodesOf.Sum(n => Math.Max(n, 1)) - Math.Max(nodesOf[frame.Rank], 1) + 1;
        for (var b = 0; b < buckets; b++)
        {
            var chunks = frame.Slices.Chunks(b, frame.Rank);
            missing[b] = new int[chunks];
            Array.Fill(missing[b], arrivals);
            reduced[b] = new byte[chunks];
            chunksToReduce[b] = chunks;
            for (var rank = 0; rank < frame.World; rank++)
            {
                if (rank != frame.Rank)
                {
                    nodesLacking[rank] += nodesOf[rank] == 0 ? Math.Min(chunks, 1) : nodesOf[rank] * chunks;
                    resultsLacking[rank] += frame.Slices.Chunks(b, rank);
                }

                lacking[b] += frame.Slices.Chunks(b, rank);
            }

            remaining += lacking[b];
        }
    }

    public ulong Step { get; }

    public ulong Stamp { get; }

    public SumPlan Plan { get; }

    /// <summary>Nodes of each rank, by first microbatch.</summary>
    public TreeNode[][] NodesOf { get; }

    /// <summary>Place in the plan of each of a rank's nodes.</summary>
    public int[][] PlanIndex { get; }

    /// <summary>The step after this one, once it has begun.</summary>
    public TaskCompletionSource<StepState> Next { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ulong WeightsBytes { get; private set; }

    public ulong ProjectionsBytes { get; private set; }

    public bool Complete => Volatile.Read(ref remaining) == 0;

    public void Dispose()
    {
        sum.Dispose();
        System.Runtime.InteropServices.NativeMemory.Free(sources);
    }

    public void Publish(int bucket) => Volatile.Write(ref published[bucket], true);

    public bool IsPublished(int bucket) => Volatile.Read(ref published[bucket]);

    public bool IsReduced(int bucket, int chunk) => Volatile.Read(ref reduced[bucket][chunk]) != 0;

    /// <summary>This worker's node of that number.</summary>
    public float* OwnNode(int node) => frame.Arena.Slot(ownSlots[node]);

    /// <summary>Ranks whose nodes are lacking; if none are, ranks whose results are.</summary>
    public IReadOnlyList<int> WaitingFor()
    {
        var nodes = Lacking(nodesLacking);
        return nodes.Count > 0 ? nodes : Lacking(resultsLacking);

        static List<int> Lacking(int[] counts) =>
            [.. Enumerable.Range(0, counts.Length).Where(rank => Volatile.Read(ref counts[rank]) > 0)];
    }

    /// <summary>Takes what has become ready in this process's and in peers' memory. True when something had.</summary>
    public bool Advance()
    {
        var progress = false;
        for (var b = 0; b < published.Length; b++)
        {
            if (chunksToReduce[b] > 0)
            {
                progress |= TakeNodes(b);
            }

            foreach (var peer in frame.SharedPeers)
            {
                var at = (b * frame.World) + peer.Rank;
                if (!resultsTaken[at] && peer.Shared!.ResultReady(b, Stamp))
                {
                    resultsTaken[at] = true;
                    var chunks = frame.Slices.Chunks(b, peer.Rank);
                    Count(b, frame.Slices.Slice(b, peer.Rank).Count * sizeof(float));
                    resultsLacking[peer.Rank] -= chunks;
                    Arrived(b, chunks);
                    progress = true;
                }
            }
        }

        return progress;
    }

    /// <summary>True when this is the last thing that the chunk waits for: then its payload may be added from where it lies.</summary>
    public bool IsLast(int bucket, int chunk) => missing[bucket][chunk] == 1;

    /// <summary>A node of a chunk of the own slice lies at <paramref name="at"/> in wire format (until this returns), or in its staging place.</summary>
    public void TakeNode(int rank, int node, int bucket, int chunk, void* at)
    {
        var (_, elements) = frame.Slices.Chunk(bucket, frame.Rank, chunk);
        Count(bucket, (long)elements * frame.WireBytes(bucket));
        nodesLacking[rank]--;
        if (--missing[bucket][chunk] == 0)
        {
            Reduce(bucket, chunk, PlanIndex[rank][node], at);
        }
    }

    /// <summary>A rank without nodes is at this step.</summary>
    public void TakeEmpty(int rank, int bucket)
    {
        nodesLacking[rank]--;
        Arrive(bucket, 1);
    }

    /// <summary>A chunk of a peer's result lies in the own result.</summary>
    public void TakeResult(int rank, int bucket, int chunk)
    {
        Count(bucket, (long)frame.Slices.Chunk(bucket, rank, chunk).Count * frame.WireBytes(bucket));
        resultsLacking[rank]--;
        Arrived(bucket, 1);
    }

    private bool TakeNodes(int bucket)
    {
        var progress = false;
        if (!ownTaken[bucket] && IsPublished(bucket))
        {
            ownTaken[bucket] = true;
            Arrive(bucket, 1);
            progress = true;
        }

        foreach (var peer in frame.SharedPeers)
        {
            var at = (bucket * frame.World) + peer.Rank;
            if (nodesTaken[at] || !peer.Shared!.NodesReady(bucket, Stamp))
            {
                continue;
            }

            for (var i = 0; i < nodesOf[peer.Rank]; i++)
            {
                var slot = peer.Shared.NodeSlot(i, NodesOf[peer.Rank][i]);
                if (slot < 0)
                {
                    throw new ChunkRefusedException(
                        $"Rank {peer.Rank} has published step {Step}, but its node {i} is not {NodesOf[peer.Rank][i]}: owners differ between workers.");
                }

                peer.Slots[i] = slot;
            }

            nodesTaken[at] = true;
            nodesLacking[peer.Rank] -= nodesOf[peer.Rank] == 0 ? 1 : nodesOf[peer.Rank] * missing[bucket].Length;
            Count(bucket, frame.Slices.Slice(bucket, frame.Rank).Count * sizeof(float) * nodesOf[peer.Rank]);
            Arrive(bucket, Math.Max(nodesOf[peer.Rank], 1));
            progress = true;
        }

        return progress;
    }

    private void Arrive(int bucket, int arrivals)
    {
        for (var chunk = 0; chunk < missing[bucket].Length; chunk++)
        {
            missing[bucket][chunk] -= arrivals;
            if (missing[bucket][chunk] == 0)
            {
                Reduce(bucket, chunk, -1, null);
            }
        }
    }

    /// <summary>Adds the chunk's nodes in tree order. The node <paramref name="last"/> lies at <paramref name="at"/>, unless that is null.</summary>
    private void Reduce(int bucket, int chunk, int last, void* at)
    {
        var (first, count) = frame.Slices.Chunk(bucket, frame.Rank, chunk);
        var narrow = frame.IsBfloat(bucket);
        for (var i = 0; i < Plan.Nodes.Length; i++)
        {
            var rank = Plan.Nodes[i].Rank;
            if (i == last && at != null)
            {
                sources[i] = new SumSource { Pointer = at, Format = narrow ? SourceFormat.Bfloat : SourceFormat.Float };
            }
            else if (rank == frame.Rank)
            {
                sources[i] = new SumSource { Pointer = OwnNode(Array.IndexOf(PlanIndex[rank], i)) + first };
            }
            else if (frame.Peers[rank]!.Shared is { } shared)
            {
                var slot = frame.Peers[rank]!.Slots[Array.IndexOf(PlanIndex[rank], i)];
                sources[i] = new SumSource
                {
                    Pointer = shared.Gradient(slot) + first,
                    Format = narrow ? SourceFormat.FloatToRound : SourceFormat.Float,
                };
            }
            else
            {
                sources[i] = new SumSource
                {
                    Pointer = Staging(i, bucket, chunk),
                    Format = narrow ? SourceFormat.Bfloat : SourceFormat.Float,
                };
            }
        }

        sum.Run(sources, frame.Arena.Result + first, count, narrow, frame.StreamResults);
        Volatile.Write(ref reduced[bucket][chunk], 1);
        if (--chunksToReduce[bucket] == 0)
        {
            frame.Arena.Control.SetResultReady(bucket, Stamp);
            Bell.Ring(frame.Arena.Control.BellWord);
        }

        Arrived(bucket, 1);
    }

    // Chunks of the sum are here. Others look at what remains, so a bucket's turn comes before that.
    private void Arrived(int bucket, int chunks)
    {
        if (chunks > 0 && (lacking[bucket] -= chunks) == 0)
        {
            bucketReduced?.Invoke(bucket);
        }

        Interlocked.Add(ref remaining, -chunks);
    }

    /// <summary>Place in wire format of a peer's node that waits for others.</summary>
    public void* Staging(int planIndex, int bucket, int chunk) =>
        frame.Staging(planIndex) + ((frame.Slices.OwnStart(bucket) + ((long)chunk * GradientLayout.ChunkElements)) * sizeof(float));

    private void Count(int bucket, long bytes)
    {
        if (frame.Layout.Buckets[bucket].Group == ParameterGroup.Weights)
        {
            WeightsBytes += (ulong)bytes;
        }
        else
        {
            ProjectionsBytes += (ulong)bytes;
        }
    }
}
