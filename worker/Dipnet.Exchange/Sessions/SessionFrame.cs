using System.IO.Hashing;
using System.Text;

namespace Dipnet.Exchange;

/// <summary>What stays the same over the steps of a session, and the memory that it needs besides the arena.</summary>
internal sealed unsafe class SessionFrame : IDisposable
{
    private ScratchMapping? staging;
    private long stagedNodes;
    private int[] stagingOf = [];

    public SessionFrame(SessionOptions options)
    {
        Options = options;
        Slices = new SliceMap(options.Layout, options.Rank, options.World);
        Peers = [.. options.Members.Select(m => m.Rank == (uint)options.Rank ? null : new Peer(m, options.Microbatches))];
        Key = SessionKey(options.Job, options.Generation, options.Token.Span);
    }

    public SessionOptions Options { get; }

    public GradientLayout Layout => Options.Layout;

    public GradientArena Arena => Options.Arena;

    public int Rank => Options.Rank;

    public int World => Options.World;

    public SliceMap Slices { get; }

    /// <summary>By rank; null at this worker's own.</summary>
    public Peer?[] Peers { get; }

    /// <summary>Peers whose memory is mapped. Replaced by the exchange thread.</summary>
    public Peer[] SharedPeers { get; private set; } = [];

    /// <summary>Job, generation and token in one number, for places where 64 bits must do. Not a secret keeper by itself.</summary>
    public ulong Key { get; }

    /// <summary>Results are read by other processes only, so they need not stay in this core's cache.</summary>
    public bool StreamResults => SharedPeers.Length == World - 1;

    public static ulong SessionKey(string job, ulong generation, ReadOnlySpan<byte> token)
    {
        var hash = new XxHash3((long)generation);
        hash.Append(Encoding.UTF8.GetBytes(job));
        hash.Append(token);
        return hash.GetCurrentHashAsUInt64();
    }

    public bool IsBfloat(int bucket) => Options.Wire == WireFormat.Bf16 && Layout.Buckets[bucket].Group == ParameterGroup.Weights;

    public int WireBytes(int bucket) => IsBfloat(bucket) ? sizeof(ushort) : sizeof(float);

    /// <summary>Where the reduced gradient lies, in offset order.</summary>
    public List<ReducedSpan> Spans() => Joined(Layout.Buckets.OrderBy(b => b.Offset).SelectMany(b => ResultsOf(b.Index)));

    /// <summary>Where a bucket's part of it lies.</summary>
    public List<ReducedSpan> Spans(int bucket) => Joined(ResultsOf(bucket));

    public void AddShared(Peer peer, ArenaControl control)
    {
        peer.Shared = control;
        SharedPeers = [.. SharedPeers, peer];
    }

    /// <summary>Makes room for the nodes of a step that come over a network. Nothing is staged when a step begins.</summary>
    public void Prepare(SumPlan plan)
    {
        stagingOf = new int[plan.Nodes.Length];
        var count = 0;
        for (var i = 0; i < plan.Nodes.Length; i++)
        {
            stagingOf[i] = plan.Nodes[i].Rank == Rank ? -1 : count++;
        }

        if (count > stagedNodes)
        {
            staging?.Dispose();
            staging = new ScratchMapping(count * Slices.OwnElements * sizeof(float));
            stagedNodes = count;
        }
    }

    public byte* Staging(int planIndex) => staging!.Address + (stagingOf[planIndex] * Slices.OwnElements * sizeof(float));

    public void Dispose() => staging?.Dispose();

    private IEnumerable<ReducedSpan> ResultsOf(int bucket)
    {
        for (var rank = 0; rank < World; rank++)
        {
            var (offset, count) = Slices.Slice(bucket, rank);
            if (count > 0)
            {
                yield return new ReducedSpan(ResultAt(rank, offset), offset, count);
            }
        }
    }

    private nint ResultAt(int rank, long element) => (nint)((Peers[rank]?.Shared is { } shared ? shared.Result : Arena.Result) + element);

    private static List<ReducedSpan> Joined(IEnumerable<ReducedSpan> slices)
    {
        var spans = new List<ReducedSpan>();
        foreach (var slice in slices)
        {
            if (spans.Count > 0 && spans[^1] is var last && last.Pointer + (nint)(last.Count * sizeof(float)) == slice.Pointer)
            {
                spans[^1] = last with { Count = last.Count + slice.Count };
            }
            else
            {
                spans.Add(slice);
            }
        }

        return spans;
    }
}
