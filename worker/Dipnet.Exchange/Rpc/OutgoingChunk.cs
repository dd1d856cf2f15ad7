namespace Dipnet.Exchange;

/// <summary>A chunk on its way into a response: a head and where the payload lies. One object serves a whole stream.</summary>
internal sealed unsafe class OutgoingChunk
{
    public ChunkHeader Header { get; set; }

    public ulong Checksum { get; set; }

    public byte* Payload { get; set; }

    public int PayloadBytes { get; set; }
}
