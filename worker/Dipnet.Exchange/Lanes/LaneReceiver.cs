using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Dipnet.Exchange;

/// <summary>Receives a stream's chunks straight to where they belong and hands each to the step once it is whole and verified.</summary>
internal sealed unsafe class LaneReceiver(Socket socket, IncomingStream stream, ulong sessionKey, LaneReceiver.Delivery deliver) : Lane(socket)
{
    private readonly byte* head = (byte*)NativeMemory.AlignedAlloc(LaneHeader.Bytes, 64);
    private int headReceived;
    private byte* place;
    private int payloadBytes;
    private int payloadReceived;
    private ulong checksum;

    public delegate void Delivery(Arrival arrival, byte* payload);

    /// <inheritdoc/>
    public override short Events => !IsEnded && stream.IsDue ? Libc.PollIn : (short)0;

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        NativeMemory.AlignedFree(head);
    }

    /// <inheritdoc/>
    protected override bool Advance()
    {
        if (!stream.IsDue)
        {
            return false;
        }

        var progress = false;
        while (headReceived < LaneHeader.Bytes)
        {
            var moved = Receive(head + headReceived, LaneHeader.Bytes - headReceived);
            if (moved <= 0)
            {
                return progress || moved < 0;
            }

            headReceived += moved;
            progress = true;
            if (headReceived == LaneHeader.Bytes)
            {
                Begin();
            }
        }

        while (payloadReceived < payloadBytes)
        {
            var moved = Receive(place + payloadReceived, payloadBytes - payloadReceived);
            if (moved <= 0)
            {
                return progress || moved < 0;
            }

            payloadReceived += moved;
            progress = true;
        }

        headReceived = 0;
        if (stream.Accept(place, checksum) is { } arrival)
        {
            deliver(arrival, place);
        }

        return true;
    }

    private void Begin()
    {
        var refusal = LaneHeader.Read(new ReadOnlySpan<byte>(head, LaneHeader.Bytes), sessionKey, out var header, out var bytes, out checksum);
        if (refusal is not null)
        {
            throw new ChunkRefusedException($"Rank {stream.Peer.Rank}: {refusal}");
        }

        payloadBytes = stream.Check(header, bytes);
        payloadReceived = 0;
        place = stream.Place(onExchangeThread: true);
    }
}
