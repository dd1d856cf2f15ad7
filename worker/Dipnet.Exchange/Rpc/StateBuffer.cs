using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Dipnet.Exchange;

/// <summary>Native memory for one chunk of state.</summary>
internal sealed unsafe class StateBuffer(int bytes) : IDisposable
{
    private readonly byte* memory = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);

    public void Fill(OutgoingChunk chunk, IStateSource state, ulong committedSteps, ulong offset, int count)
    {
        var span = new Span<byte>(memory, Math.Min(count, bytes));
        state.Read((long)offset, span);
        chunk.Header = new ChunkHeader(committedSteps, 0, 0, 0, offset, span.Length);
        chunk.Checksum = XxHash3.HashToUInt64(span);
        chunk.Payload = memory;
        chunk.PayloadBytes = span.Length;
    }

    public void Dispose() => NativeMemory.AlignedFree(memory);
}
