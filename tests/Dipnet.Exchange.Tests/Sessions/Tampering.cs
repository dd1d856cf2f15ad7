using CsCheck;

namespace Dipnet.Exchange.Tests;

/// <summary>One thing that a broken or hostile peer does to its stream at one chunk.</summary>
/// <param name="Place">Picks the chunk.</param>
/// <param name="Detail">Picks the place, the length or the value.</param>
internal sealed record Tampering(Tampering.Kind What, int Place, int Detail)
{
    public enum Kind
    {
        Nothing,
        Drop,
        Repeat,
        Swap,
        Truncate,
        Extend,
        FlipPayload,
        FlipChecksum,
        OtherStep,
        OtherBucket,
        OtherElement,
        OtherCount,
        OtherNode,
    }

    public static Gen<Tampering> Any { get; } =
        Gen.Select(Gen.Int[0, Enum.GetValues<Kind>().Length - 1], Gen.Int[0, 100], Gen.Int[1, 1 << 20], (what, at, detail) => new Tampering((Kind)what, at, detail));

    /// <summary>The chunks as they are sent, and how many of them are right before the first that is not.</summary>
    public (List<(ChunkHeader Header, ulong Checksum, byte[] Payload)> Sent, int Right) Apply((ChunkHeader Header, ulong Checksum, byte[] Payload)[] chunks)
    {
        var at = Place % chunks.Length;
        var sent = chunks.Select(c => (c.Header, c.Checksum, Payload: c.Payload.ToArray())).ToList();
        var (header, checksum, payload) = sent[at];
        switch (What)
        {
            case Kind.Nothing: return (sent, sent.Count);
            case Kind.Drop:
                sent.RemoveAt(at);
                return (sent, at);
            case Kind.Repeat:
                sent.Insert(at, sent[at]);
                return (sent, at + 1);
            case Kind.Swap:
                var other = (at + 1) % sent.Count;
                (sent[at], sent[other]) = (sent[other], sent[at]);
                return (sent, sent.Count == 1 ? 1 : Math.Min(at, other));
            case Kind.Truncate: payload = payload[..(Detail % Math.Max(payload.Length, 1))]; break;
            case Kind.Extend: payload = [.. payload, .. new byte[(Detail % 5000) + 1]]; break;
            case Kind.FlipPayload: payload[Detail % payload.Length] ^= (byte)((Detail % 255) + 1); break;
            case Kind.FlipChecksum: checksum ^= (ulong)Detail; break;
            case Kind.OtherStep: header = header with { Step = header.Step + (ulong)Detail }; break;
            case Kind.OtherBucket: header = header with { Bucket = header.Bucket ^ Detail }; break;
            case Kind.OtherElement: header = header with { FirstElement = header.FirstElement + (ulong)Detail }; break;
            case Kind.OtherCount: header = header with { Elements = header.Elements + Detail }; break;
            case Kind.OtherNode: header = header with { FirstMicrobatch = header.FirstMicrobatch + Detail }; break;
        }

        sent[at] = (header, checksum, payload);
        return (sent, at);
    }
}
