using Stream = Dipnet.Protos.Stream;

namespace Dipnet.Exchange;

/// <summary>
/// Where a stream of gradients between two workers is: which chunk of which step is next. Both ends hold one and move it alike. Used by
/// one thread at a time.
/// </summary>
internal sealed class StreamPosition
{
    private readonly SessionFrame frame;
    private readonly int server;
    private readonly int sliceRank;
    private readonly ulong firstStep;
    private Task<StepState> next;
    private ChunkOrder order;
    private bool started;

    /// <param name="server">The rank whose nodes or results are sent.</param>
    /// <param name="requester">The rank that receives them.</param>
    /// <param name="next">The step to begin with, when it has begun.</param>
    public StreamPosition(SessionFrame frame, Stream kind, int server, int requester, ulong firstStep, Task<StepState> next)
    {
        this.frame = frame;
        this.server = server;
        this.firstStep = firstStep;
        this.next = next;
        StepToOpenWith = firstStep;
        Kind = kind;
        sliceRank = kind == Stream.Nodes ? requester : server;
    }

    public Stream Kind { get; }

    /// <summary>The step under way; null between two steps.</summary>
    public StepState? Step { get; private set; }

    /// <summary>Completes when the next step has begun; of interest between two steps.</summary>
    public Task<StepState> NextStep => next;

    public ulong StepToOpenWith { get; private set; }

    /// <summary>Chunks of this step that are behind.</summary>
    public int Passed { get; private set; }

    public int Bucket => order.Bucket;

    public int Chunk => order.Chunk;

    public int Node => order.Node;

    /// <summary>A chunk without payload that says "here, without nodes".</summary>
    public bool IsEmpty => order.Empty;

    public ChunkHeader Header
    {
        get
        {
            if (order.Empty)
            {
                return new ChunkHeader(Step!.Step, Bucket, 0, 0, (ulong)frame.Slices.Slice(Bucket, sliceRank).Offset, 0);
            }

            var (first, count) = frame.Slices.Chunk(Bucket, sliceRank, Chunk);
            var node = Kind == Stream.Nodes ? Step!.NodesOf[server][Node] : new TreeNode(0, frame.Options.Microbatches);
            return new ChunkHeader(Step!.Step, Bucket, node.First, node.Count, (ulong)first, count);
        }
    }

    public int PayloadBytes => order.Empty ? 0 : frame.Slices.Chunk(Bucket, sliceRank, Chunk).Count * frame.WireBytes(Bucket);

    /// <summary>True when there is a next chunk: enters the next step when it has begun and the one before is done.</summary>
    public bool Ready()
    {
        while (Step is null)
        {
            if (!next.IsCompletedSuccessfully)
            {
                return false;
            }

            var step = next.Result;
            if (!started && step.Step != firstStep)
            {
                throw new ChunkRefusedException($"The stream begins with step {firstStep}, but this worker is at step {step.Step}.");
            }

            started = true;
            Step = step;
            StepToOpenWith = step.Step;
            Restart();
            if (!order.Next())
            {
                Leave();
            }
        }

        return true;
    }

    public void Move()
    {
        Passed++;
        if (!order.Next())
        {
            Leave();
        }
    }

    /// <summary>Back to the start of the step: a new connection serves it from there. Returns how many chunks are known already.</summary>
    public int Rewind()
    {
        var passed = Passed;
        if (Step is not null)
        {
            Restart();
            _ = order.Next();
            return passed;
        }

        return 0;
    }

    private void Restart()
    {
        Passed = 0;
        order = new ChunkOrder(frame.Slices, sliceRank, Kind == Stream.Nodes ? Step!.NodesOf[server].Length : 1);
    }

    private void Leave()
    {
        next = Step!.Next.Task;
        StepToOpenWith = Step.Step + 1;
        Step = null;
        Passed = 0;
    }
}
