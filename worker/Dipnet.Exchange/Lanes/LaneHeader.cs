using System.Buffers.Binary;
using System.IO.Hashing;

namespace Dipnet.Exchange;

/// <summary>
/// A chunk's head on a lane: 64 bytes, little-endian, the fields of the protobuf message and what guards them.
/// magic u32 · payload bytes u32 · session key u64 · step u64 · bucket u32 · first microbatch u32 · microbatches u32 · elements u32 ·
/// first element u64 · payload's checksum u64 · checksum of the bytes before u64.
/// </summary>
internal static class LaneHeader
{
    public const int Bytes = 64;

    private const uint Magic = 0x4b4e_4843;

    public static void Write(Span<byte> target, ulong sessionKey, in ChunkHeader header, int payloadBytes, ulong checksum)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], payloadBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], sessionKey);
        BinaryPrimitives.WriteUInt64LittleEndian(target[16..], header.Step);
        BinaryPrimitives.WriteInt32LittleEndian(target[24..], header.Bucket);
        BinaryPrimitives.WriteInt32LittleEndian(target[28..], header.FirstMicrobatch);
        BinaryPrimitives.WriteInt32LittleEndian(target[32..], header.MicrobatchCount);
        BinaryPrimitives.WriteInt32LittleEndian(target[36..], header.Elements);
        BinaryPrimitives.WriteUInt64LittleEndian(target[40..], header.FirstElement);
        BinaryPrimitives.WriteUInt64LittleEndian(target[48..], checksum);
        BinaryPrimitives.WriteUInt64LittleEndian(target[56..], XxHash3.HashToUInt64(target[..56]));
    }

    /// <summary>Reads 64 bytes of a peer. Returns null, or why they are refused.</summary>
    public static string? Read(
        ReadOnlySpan<byte> source, ulong sessionKey, out ChunkHeader header, out int payloadBytes, out ulong checksum)
    {
        header = default;
        payloadBytes = 0;
        checksum = 0;
        if (source.Length != Bytes)
        {
            return $"A chunk's head has {source.Length} bytes instead of {Bytes}.";
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic)
        {
            return "What should be a chunk's head does not begin like one.";
        }

        if (BinaryPrimitives.ReadUInt64LittleEndian(source[56..]) != XxHash3.HashToUInt64(source[..56]))
        {
            return "A chunk's head does not match its checksum.";
        }

        if (BinaryPrimitives.ReadUInt64LittleEndian(source[8..]) != sessionKey)
        {
            return "A chunk is of another job, generation or token.";
        }

        payloadBytes = BinaryPrimitives.ReadInt32LittleEndian(source[4..]);
        header = new ChunkHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[24..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[28..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[40..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[36..]));
        checksum = BinaryPrimitives.ReadUInt64LittleEndian(source[48..]);
        return null;
    }
}
