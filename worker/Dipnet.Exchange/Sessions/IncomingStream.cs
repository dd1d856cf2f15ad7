using System.Buffers;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Stream = Dipnet.Protos.Stream;

namespace Dipnet.Exchange;

/// <summary>
/// The receiving end of one stream from one peer, whatever carries it: says which chunk is due and where its payload goes, and accepts
/// nothing else. Used by one thread at a time.
/// </summary>
internal sealed unsafe class IncomingStream : IDisposable
{
    private readonly SessionFrame frame;
    private readonly StreamPosition position;
    private readonly byte* hot;
    private int known;

    public IncomingStream(SessionFrame frame, Peer peer, Stream kind, Task<StepState> first, ulong firstStep)
    {
        this.frame = frame;
        Peer = peer;
        position = new StreamPosition(frame, kind, peer.Rank, frame.Rank, firstStep, first);
        hot = (byte*)NativeMemory.AlignedAlloc(GradientLayout.ChunkElements * sizeof(float), 64);
    }

    public Peer Peer { get; }

    public Stream Kind => position.Kind;

    public ulong StepToOpenWith => position.StepToOpenWith;

    public Task<StepState> NextStep => position.NextStep;

    public void Dispose() => NativeMemory.AlignedFree(hot);

    /// <summary>True when a chunk is due, false while its step has not begun here: then nothing may be read.</summary>
    public bool IsDue => position.Ready();

    /// <summary>A new connection begins with the step under way; what is known of it will be read and dropped.</summary>
    public void Reopen() => known = position.Rewind();

    /// <summary>Bytes of the payload of the chunk that is due, after its header has been checked.</summary>
    public int Check(in ChunkHeader header, int payloadBytes)
    {
        var due = position.Header;
        if (header != due)
        {
            throw new ChunkRefusedException($"Rank {Peer.Rank} sent {header} where {due} is due ({Kind}).");
        }

        if (payloadBytes != position.PayloadBytes)
        {
            throw new ChunkRefusedException(
                $"Rank {Peer.Rank} sent {payloadBytes} bytes for {header}: {frame.Options.Wire} has {position.PayloadBytes} bytes.");
        }

        return payloadBytes;
    }

    /// <summary>Where the payload goes. On the exchange thread the last node of a chunk is added from a buffer that is still in the cache.</summary>
    public byte* Place(bool onExchangeThread)
    {
        if (known > 0 || position.IsEmpty)
        {
            return hot;
        }

        var step = position.Step!;
        if (Kind == Stream.Nodes)
        {
            return onExchangeThread && step.IsLast(position.Bucket, position.Chunk)
                ? hot
                : (byte*)step.Staging(step.PlanIndex[Peer.Rank][position.Node], position.Bucket, position.Chunk);
        }

        return frame.IsBfloat(position.Bucket) ? hot : (byte*)Result;
    }

    /// <summary>Verifies the payload at its place and moves on. The arrival is null when the chunk was known.</summary>
    public Arrival? Accept(byte* place, ulong checksum)
    {
        var bytes = position.PayloadBytes;
        var actual = XxHash3.HashToUInt64(new ReadOnlySpan<byte>(place, bytes));
        if (actual != checksum)
        {
            throw new ChunkRefusedException(
                $"Rank {Peer.Rank} sent {position.Header} with checksum {checksum:x16}, but its payload has {actual:x16}.");
        }

        Arrival? arrival = null;
        if (known > 0)
        {
            known--;
        }
        else
        {
            if (Kind == Stream.Results && frame.IsBfloat(position.Bucket))
            {
                BfloatCodec.Widen((ushort*)place, Result, bytes / sizeof(ushort));
            }

            arrival = new Arrival(Kind, Peer.Rank, position.Bucket, position.Chunk, position.Node, position.IsEmpty);
        }

        position.Move();
        return arrival;
    }

    /// <summary>Checks a whole chunk, copies its payload to its place and accepts it.</summary>
    public Arrival? Take(in ChunkHeader header, ulong checksum, in ReadOnlySequence<byte> payload)
    {
        if (!IsDue)
        {
            throw new ChunkRefusedException($"Rank {Peer.Rank} sent {header} before this worker is at its step.");
        }

        var bytes = Check(header, (int)Math.Min(payload.Length, int.MaxValue));
        var place = Place(onExchangeThread: false);
        payload.CopyTo(new Span<byte>(place, bytes));
        return Accept(place, checksum);
    }

    private float* Result => frame.Arena.Result + position.Header.FirstElement;
}
