using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Dipnet.Exchange;

/// <summary>Sends a stream's chunks in order as they become ready.</summary>
internal sealed unsafe class LaneSender(Socket socket, OutgoingStream stream, ulong sessionKey) : Lane(socket)
{
    private readonly byte* head = (byte*)NativeMemory.AlignedAlloc(LaneHeader.Bytes, 64);
    private int sent = -1;

    /// <inheritdoc/>
    public override short Events => sent >= 0 ? Libc.PollOut : (short)0;

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        stream.Dispose();
        NativeMemory.AlignedFree(head);
    }

    /// <inheritdoc/>
    protected override bool Advance()
    {
        if (sent < 0)
        {
            if (!stream.TryNext())
            {
                return false;
            }

            LaneHeader.Write(new Span<byte>(head, LaneHeader.Bytes), sessionKey, stream.Header, stream.PayloadBytes, stream.Checksum);
            sent = 0;
        }

        var progress = false;
        var end = LaneHeader.Bytes + stream.PayloadBytes;
        while (sent < end)
        {
            var inHead = sent < LaneHeader.Bytes;
            var moved = inHead
                ? Send(head + sent, LaneHeader.Bytes - sent, more: stream.PayloadBytes > 0)
                : Send(stream.Payload + sent - LaneHeader.Bytes, end - sent, more: false);
            if (moved <= 0)
            {
                return progress || moved < 0;
            }

            sent += moved;
            progress = true;
        }

        sent = -1;
        stream.Sent();
        return true;
    }
}
