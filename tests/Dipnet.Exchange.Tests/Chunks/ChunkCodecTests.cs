using System.Buffers;
using CsCheck;
using Dipnet.Protos;
using Google.Protobuf;

namespace Dipnet.Exchange.Tests;

public sealed class ChunkCodecTests
{
    private const byte Guard = 0xA5;

    private static readonly Gen<ChunkHeader> Headers = Gen.Select(
        Gen.ULong, Gen.Int[0, int.MaxValue], Gen.Int[0, 1 << 20], Gen.Int[0, 1 << 20], Gen.ULong, Gen.Int[0, int.MaxValue],
        (step, bucket, first, count, element, elements) => new ChunkHeader(step, bucket, first, count, element, elements));

    [Fact]
    public void WriteHead_AnyChunk_IsReadBackAndByProtobuf() =>
        Gen.Select(Headers, Gen.ULong, Gen.Byte.Array[0, 300]).Sample((header, checksum, payload) =>
        {
            var message = Message(header, checksum, payload);
            Assert.Null(ChunkCodec.Read(new ReadOnlySequence<byte>(message), out var read, out var sum, out var rest));
            Assert.Equal(header, read);
            Assert.Equal(checksum, sum);
            Assert.Equal(payload, rest.ToArray());
            var standard = Chunk.Parser.ParseFrom(message);
            Assert.Equal(header.Step, standard.Step);
            Assert.Equal((uint)header.Elements, standard.Elements);
            Assert.Equal(payload, standard.Payload.ToByteArray());
        }, iter: 500);

    [Fact]
    public void WriteHead_AnyChunk_StaysInItsSpace() =>
        Gen.Select(Headers, Gen.ULong).Sample((header, checksum) =>
        {
            var memory = new byte[ChunkCodec.MostHeadBytes + 32];
            Array.Fill(memory, Guard);
            ChunkCodec.WriteHead(memory.AsSpan(16, ChunkCodec.MostHeadBytes), header, checksum, int.MaxValue);
            Assert.All(memory[..16].Concat(memory[^16..]), b => Assert.Equal(Guard, b));
        }, iter: 500);

    [Fact]
    public void Read_MutatedBytes_RefusesOrGivesAViewOfTheMessage() =>
        Gen.Select(Headers, Gen.ULong, Gen.Byte.Array[0, 80], Gen.Select(Gen.Int[0, 200], Gen.Byte).Array[1, 6], Gen.Int[0, 200]).Sample(
            (header, checksum, payload, changes, cut) =>
            {
                var message = Message(header, checksum, payload);
                foreach (var (place, value) in changes)
                {
                    message[place % message.Length] = value;
                }

                var length = cut < message.Length ? cut : message.Length;
                var refusal = ChunkCodec.Read(new ReadOnlySequence<byte>(message, 0, length), out var read, out _, out var rest);
                Assert.InRange(rest.Length, 0, length);
                if (refusal is null)
                {
                    Assert.True(read.Bucket >= 0 && read.FirstMicrobatch >= 0 && read.MicrobatchCount >= 0 && read.Elements >= 0);
                }
            }, iter: 5000);

    [Fact]
    public void Read_MutatedLaneHead_IsRefused() =>
        Gen.Select(Headers, Gen.ULong, Gen.Int[0, LaneHeader.Bytes - 1], Gen.Byte[1, 255]).Sample((header, checksum, place, flip) =>
        {
            var memory = new byte[LaneHeader.Bytes + 32];
            Array.Fill(memory, Guard);
            var head = memory.AsSpan(16, LaneHeader.Bytes);
            LaneHeader.Write(head, 7, header, 100, checksum);
            Assert.All(memory[..16].Concat(memory[^16..]), b => Assert.Equal(Guard, b));
            Assert.Null(LaneHeader.Read(head, 7, out var read, out _, out _));
            Assert.Equal(header, read);
            head[place] ^= flip;
            Assert.NotNull(LaneHeader.Read(head, 7, out _, out _, out _));
        }, iter: 1000);

    private static byte[] Message(ChunkHeader header, ulong checksum, byte[] payload)
    {
        var head = new byte[ChunkCodec.MostHeadBytes];
        var length = ChunkCodec.WriteHead(head, header, checksum, payload.Length);
        return [.. head[..length], .. payload];
    }
}
