using System.Buffers;
using System.Buffers.Binary;

namespace Dipnet.Exchange;

/// <summary>
/// The protobuf message `Chunk` without its generated class: the head is written and read field by field and the payload is left where it is.
/// Reading accepts what every protobuf writer produces (fields ascending, defaults left out) and refuses everything else.
/// </summary>
internal static class ChunkCodec
{
    /// <summary>No head is longer.</summary>
    public const int MostHeadBytes = 64;

    private const byte StepTag = 0x08, BucketTag = 0x10, FirstTag = 0x18, CountTag = 0x20, ElementTag = 0x28, ElementsTag = 0x30;
    private const byte ChecksumTag = 0x39, PayloadTag = 0x42;

    /// <summary>Everything up to the payload's bytes. Returns its length.</summary>
    public static int WriteHead(Span<byte> target, in ChunkHeader header, ulong checksum, int payloadBytes)
    {
        var at = 0;
        Field(target, ref at, StepTag, header.Step);
        Field(target, ref at, BucketTag, (ulong)header.Bucket);
        Field(target, ref at, FirstTag, (ulong)header.FirstMicrobatch);
        Field(target, ref at, CountTag, (ulong)header.MicrobatchCount);
        Field(target, ref at, ElementTag, header.FirstElement);
        Field(target, ref at, ElementsTag, (ulong)header.Elements);
        if (checksum != 0)
        {
            target[at++] = ChecksumTag;
            BinaryPrimitives.WriteUInt64LittleEndian(target[at..], checksum);
            at += sizeof(ulong);
        }

        Field(target, ref at, PayloadTag, (ulong)payloadBytes);
        return at;
    }

    /// <summary>Takes a message apart; the payload is a view of the message. Returns null, or why it is refused.</summary>
    public static string? Read(in ReadOnlySequence<byte> message, out ChunkHeader header, out ulong checksum, out ReadOnlySequence<byte> payload)
    {
        header = default;
        checksum = 0;
        payload = default;
        var reader = new SequenceReader<byte>(message);
        var last = 0;
        Span<byte> fixed64 = stackalloc byte[sizeof(ulong)];
        while (reader.TryRead(out var tag))
        {
            if (tag <= last)
            {
                return $"A chunk has field tag {tag} after {last}: fields ascend.";
            }

            last = tag;
            if (tag == ChecksumTag)
            {
                if (!reader.TryCopyTo(fixed64))
                {
                    return "A chunk ends inside its checksum.";
                }

                reader.Advance(sizeof(ulong));
                checksum = BinaryPrimitives.ReadUInt64LittleEndian(fixed64);
                continue;
            }

            if (!TryReadVarint(ref reader, out var value))
            {
                return $"A chunk ends inside the field with tag {tag}, or the number there is too long.";
            }

            if (tag == PayloadTag)
            {
                if ((ulong)reader.Remaining != value)
                {
                    return $"A chunk says that its payload has {value} bytes, but {reader.Remaining} follow.";
                }

                payload = reader.UnreadSequence;
                return null;
            }

            if (tag is not (StepTag or ElementTag) && value > int.MaxValue)
            {
                return $"A chunk has {value} in the field with tag {tag}: at most {int.MaxValue}.";
            }

            switch (tag)
            {
                case StepTag: header = header with { Step = value }; break;
                case BucketTag: header = header with { Bucket = (int)value }; break;
                case FirstTag: header = header with { FirstMicrobatch = (int)value }; break;
                case CountTag: header = header with { MicrobatchCount = (int)value }; break;
                case ElementTag: header = header with { FirstElement = value }; break;
                case ElementsTag: header = header with { Elements = (int)value }; break;
                default: return $"A chunk has an unknown field with tag {tag}.";
            }
        }

        return null;
    }

    private static void Field(Span<byte> target, ref int at, byte tag, ulong value)
    {
        if (value == 0)
        {
            return;
        }

        target[at++] = tag;
        while (value >= 0x80)
        {
            target[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[at++] = (byte)value;
    }

    private static bool TryReadVarint(ref SequenceReader<byte> reader, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (!reader.TryRead(out var part) || (shift == 63 && part > 1))
            {
                return false;
            }

            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
