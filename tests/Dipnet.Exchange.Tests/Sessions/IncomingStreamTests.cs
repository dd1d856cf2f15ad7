using System.Buffers;
using System.Net;
using System.Net.Sockets;
using CsCheck;
using Stream = Dipnet.Protos.Stream;

namespace Dipnet.Exchange.Tests;

/// <summary>Whole streams of a peer that drops, repeats, reorders, cuts, stretches or falsifies chunks: only what is due is taken, nothing else is touched.</summary>
public sealed class IncomingStreamTests
{
    private static readonly Gen<(Stream Kind, WireFormat Wire, ulong Seed)> Cases =
        Gen.Select(Gen.Bool, Gen.Bool, Gen.ULong[0, 1000], (nodes, narrow, seed) => (nodes ? Stream.Nodes : Stream.Results, narrow ? WireFormat.Bf16 : WireFormat.Fp32, seed));

    [Fact]
    public void Take_TamperedStream_TakesWhatIsDueAndRefusesTheRest() =>
        Gen.Select(Cases, Tampering.Any, Gen.Int[1, 5000].Array[1, 4]).Sample((c, tampering, cuts) =>
        {
            using var rig = new StreamRig(c.Kind, c.Wire, c.Seed);
            var (sent, right) = tampering.Apply(rig.Chunks);
            var taken = 0;
            try
            {
                foreach (var (header, checksum, payload) in sent)
                {
                    var arrival = rig.Stream.Take(header, checksum, Pieces(payload, cuts));
                    Assert.Equal((header.Bucket, c.Kind), (arrival!.Value.Bucket, arrival.Value.Kind));
                    taken++;
                }
            }
            catch (ChunkRefusedException)
            {
                Assert.NotEqual(Tampering.Kind.Nothing, tampering.What);
            }

            Assert.Equal(right, taken);
            // Of the chunk that is refused the own place may hold what it brought; no other byte has changed.
            rig.AssertUntouchedAfter(Math.Min(right + 1, rig.Chunks.Length));
        }, iter: 150);

    [Fact]
    public void Lane_TamperedStream_EndsWhereItStopsBeingRight() =>
        Gen.Select(Cases, Tampering.Any, Gen.Int[0, 3], Gen.Int[1, 1 << 20]).Sample((c, tampering, spoil, detail) =>
        {
            using var rig = new StreamRig(c.Kind, c.Wire, c.Seed);
            var (sent, right) = tampering.Apply(rig.Chunks);
            var bytes = sent.SelectMany(chunk => Bytes(rig.Key, chunk)).ToArray();
            // Besides: the bytes themselves cut anywhere, or random from somewhere on.
            var whole = bytes.Length;
            if (spoil == 1)
            {
                bytes = bytes[..(detail % bytes.Length)];
            }
            else if (spoil == 2)
            {
                new Random(detail).NextBytes(bytes.AsSpan(detail % bytes.Length));
            }

            var arrivals = Receive(rig, bytes);
            Assert.InRange(arrivals, 0, right);
            if (spoil is 0 or 3)
            {
                Assert.Equal(right, arrivals);
            }

            Assert.True(bytes.Length <= whole);
            rig.AssertUntouchedAfter(Math.Min(arrivals + 1, rig.Chunks.Length));
        }, iter: 100);

    /// <summary>Arrivals until the lane ends: by a refusal, or because the peer has closed.</summary>
    private static unsafe int Receive(StreamRig rig, byte[] bytes)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        peer.Connect(listener.LocalEndPoint!);
        var arrivals = 0;
        using var lane = new LaneReceiver(listener.Accept(), rig.Stream, rig.Key, (_, _) => arrivals++);
        peer.Blocking = false;
        var sent = 0;
        var closed = false;
        var whole = rig.Chunks.Length;
        while (!lane.IsEnded && arrivals < whole)
        {
            if (sent < bytes.Length)
            {
                sent += peer.Send(bytes.AsSpan(sent), SocketFlags.None, out var error);
                if (error is SocketError.ConnectionReset or SocketError.Shutdown)
                {
                    sent = bytes.Length;
                }
            }
            else if (!closed)
            {
                closed = true;
                peer.Shutdown(SocketShutdown.Send);
            }

            _ = lane.Pump();
        }

        return arrivals;
    }

    private static byte[] Bytes(ulong key, (ChunkHeader Header, ulong Checksum, byte[] Payload) chunk)
    {
        var head = new byte[LaneHeader.Bytes];
        LaneHeader.Write(head, key, chunk.Header, chunk.Payload.Length, chunk.Checksum);
        return [.. head, .. chunk.Payload];
    }

    /// <summary>The same bytes in pieces, as they come from a pipe.</summary>
    private static ReadOnlySequence<byte> Pieces(byte[] payload, int[] cuts)
    {
        Piece? first = null, last = null;
        var at = 0;
        for (var i = 0; at < payload.Length; i++)
        {
            var length = Math.Min(cuts[i % cuts.Length] * 16, payload.Length - at);
            last = new Piece(payload.AsMemory(at, length), last);
            first ??= last;
            at += length;
        }

        return first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            RunningIndex = before is null ? 0 : before.RunningIndex + before.Memory.Length;
            if (before is not null)
            {
                before.Next = this;
            }
        }
    }
}
