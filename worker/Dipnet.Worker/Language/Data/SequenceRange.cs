namespace Dipnet.Worker.Language;

/// <summary>A run of sequences of another set.</summary>
internal sealed class SequenceRange(ISequenceSet all, int first, int count) : ISequenceSet
{
    public int Count => count;

    public PackedSequence this[int id]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)count);
            return all[first + id];
        }
    }
}
