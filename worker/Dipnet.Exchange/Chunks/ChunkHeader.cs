namespace Dipnet.Exchange;

/// <summary>What a chunk says about its payload; the fields of the protobuf message `Chunk`.</summary>
internal readonly record struct ChunkHeader(
    ulong Step,
    int Bucket,
    int FirstMicrobatch,
    int MicrobatchCount,
    ulong FirstElement,
    int Elements)
{
    public override string ToString() =>
        $"step {Step}, bucket {Bucket}, microbatches {FirstMicrobatch}+{MicrobatchCount}, elements {FirstElement}+{Elements}";
}
