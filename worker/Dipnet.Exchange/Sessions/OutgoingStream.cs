using System.IO.Hashing;
using System.Runtime.InteropServices;
using Stream = Dipnet.Protos.Stream;

namespace Dipnet.Exchange;

/// <summary>The sending end of one stream to one peer, whatever carries it: the next chunk, as soon as it is ready. Used by one thread at a time.</summary>
internal sealed unsafe class OutgoingStream : IDisposable
{
    private readonly SessionFrame frame;
    private readonly StreamPosition position;
    private readonly ushort* narrow;
    private readonly StreamSignal signal = new();

    public OutgoingStream(SessionFrame frame, Stream kind, int requester, ulong firstStep, Task<StepState> first)
    {
        this.frame = frame;
        position = new StreamPosition(frame, kind, frame.Rank, requester, firstStep, first);
        narrow = (ushort*)NativeMemory.AlignedAlloc(GradientLayout.ChunkElements * sizeof(ushort), 64);
    }

    public ChunkHeader Header { get; private set; }

    /// <summary>In wire format.</summary>
    public byte* Payload { get; private set; }

    public int PayloadBytes { get; private set; }

    public ulong Checksum { get; private set; }

    public void Dispose()
    {
        NativeMemory.AlignedFree(narrow);
        signal.Dispose();
    }

    /// <summary>True when the next chunk's data are final; header, payload and checksum are then set until <see cref="Sent"/>.</summary>
    public bool TryNext()
    {
        if (!position.Ready())
        {
            return false;
        }

        var step = position.Step!;
        var ready = position.Kind == Stream.Nodes
            ? step.IsPublished(position.Bucket)
            : step.IsReduced(position.Bucket, position.Chunk);
        if (!ready)
        {
            return false;
        }

        Header = position.Header;
        PayloadBytes = position.PayloadBytes;
        Payload = (byte*)narrow;
        if (PayloadBytes > 0)
        {
            var source = (position.Kind == Stream.Nodes ? step.OwnNode(position.Node) : frame.Arena.Result) + Header.FirstElement;
            if (frame.IsBfloat(position.Bucket))
            {
                BfloatCodec.Narrow(source, narrow, Header.Elements);
            }
            else
            {
                Payload = (byte*)source;
            }
        }

        Checksum = XxHash3.HashToUInt64(new ReadOnlySpan<byte>(Payload, PayloadBytes));
        return true;
    }

    public void Sent() => position.Move();

    /// <summary>Something may have become ready. Any thread, never blocks.</summary>
    public void Signal() => signal.Set();

    /// <summary>Completes when <see cref="TryNext"/> is worth another try.</summary>
    public Task WaitAsync(CancellationToken cancellation) =>
        position.Step is null && !position.NextStep.IsCompleted
            ? position.NextStep.WaitAsync(cancellation)
            : signal.WaitAsync(cancellation);
}
