namespace Dipnet.Worker.Checkpoints;

/// <summary>A worker's share of the state's bytes.</summary>
/// <param name="Offset">First byte.</param>
/// <param name="Bytes">Length; may be 0.</param>
internal readonly record struct Stripe(long Offset, long Bytes)
{
    private const long Unit = 64;

    /// <summary>The r-th of n nearly equal runs, multiples of 64 bytes; all of them cover the state.</summary>
    public static Stripe Of(long stateBytes, int rank, int world)
    {
        var units = stateBytes / Unit;
        var first = units * rank / world * Unit;
        var end = rank == world - 1 ? stateBytes : units * (rank + 1) / world * Unit;
        return new Stripe(first, end - first);
    }

    /// <summary>The parts of the stripe that lie in each buffer.</summary>
    public IEnumerable<(int Buffer, long FirstByte, long Bytes)> Pieces(long bufferBytes)
    {
        for (var at = Offset; at < Offset + Bytes;)
        {
            var buffer = at / bufferBytes;
            var end = Math.Min(Offset + Bytes, (buffer + 1) * bufferBytes);
            yield return ((int)buffer, at - buffer * bufferBytes, end - at);
            at = end;
        }
    }
}
