using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Dipnet.Exchange;

namespace Dipnet.Worker.Training;

/// <summary>
/// All there is besides the step number: parameters and optimizer moments, flat buffers one behind the other in one page-aligned run of memory. The training
/// thread writes; others read at a step boundary.
/// </summary>
internal sealed unsafe class TrainingState : IStateSource, IStateTarget, IDisposable
{
    private const int Page = 4096;

    private readonly byte* _memory;
    private ulong _committed;

    public TrainingState(ParameterLayout layout, bool secondMoment)
    {
        Layout = layout;
        BufferBytes = (layout.Elements * sizeof(float) + Page - 1) / Page * Page;
        Buffers = secondMoment ? ["parameters", "first-moment", "second-moment"] : ["parameters", "first-moment"];
        Bytes = BufferBytes * Buffers.Count;
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)Bytes, 2 << 20);
        Clear();
    }

    public ParameterLayout Layout { get; }

    /// <summary>Names of the buffers, in order.</summary>
    public IReadOnlyList<string> Buffers { get; }

    /// <summary>Bytes of one buffer, a multiple of the page.</summary>
    public long BufferBytes { get; }

    public long Bytes { get; }

    public ulong CommittedSteps { get => Volatile.Read(ref _committed); set => Volatile.Write(ref _committed, value); }

    public float* Parameters => (float*)_memory;

    /// <summary>First moment of AdamW or velocity of SGD.</summary>
    public float* First => (float*)(_memory + BufferBytes);

    /// <summary>Second moment of AdamW, null when no group has it.</summary>
    public float* Second => Buffers.Count > 2 ? (float*)(_memory + 2 * BufferBytes) : null;

    /// <summary>The state from a byte on, for reads and writes that the caller keeps inside <see cref="Bytes"/>.</summary>
    public byte* At(long offset) => _memory + offset;

    public void Read(long offset, Span<byte> destination)
    {
        Check(offset, destination.Length);
        new ReadOnlySpan<byte>(_memory + offset, destination.Length).CopyTo(destination);
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        Check(offset, source.Length);
        source.CopyTo(new Span<byte>(_memory + offset, source.Length));
    }

    /// <summary>Moments to zero, as before the first step.</summary>
    public void ClearMoments() => NativeMemory.Clear(_memory + BufferBytes, (nuint)(Bytes - BufferBytes));

    /// <summary>SHA-256 over the parameters' elements in layout order, padding left out; lower-case hexadecimal.</summary>
    public string WeightsSha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var place in Layout.Places)
        {
            for (long at = 0; at < place.Count;)
            {
                var count = (int)Math.Min(1 << 24, place.Count - at);
                hash.AppendData(new ReadOnlySpan<byte>(Parameters + place.Offset + at, count * sizeof(float)));
                at += count;
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public void Dispose() => NativeMemory.AlignedFree(_memory);

    private void Clear() => NativeMemory.Clear(_memory, (nuint)Bytes);

    private void Check(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, Bytes);
    }
}
