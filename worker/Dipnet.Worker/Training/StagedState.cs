using System.Runtime.InteropServices;
using Dipnet.Exchange;

namespace Dipnet.Worker.Training;

/// <summary>Takes a state beside the one that a worker has, so that a pull or load that breaks off has cost nothing.</summary>
/// <param name="bytes">Length of the state.</param>
internal sealed unsafe class StagedState(long bytes) : IStateTarget, IDisposable
{
    private byte* _memory = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 2 << 20);

    public long Bytes => bytes;

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + source.Length, bytes);
        source.CopyTo(new Span<byte>(_memory + offset, source.Length));
    }

    /// <summary>Puts the complete, verified state in the place of what <paramref name="state"/> has.</summary>
    public void MoveTo(TrainingState state)
    {
        Buffer.MemoryCopy(_memory, state.At(0), state.Bytes, bytes);
        Dispose();
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
