using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dipnet.Modules;

/// <summary>
/// Standard normal and uniform noise as a pure function of a stream and a position: any split of a range gives the same values. Thread-safe, no state.
/// </summary>
/// <remarks>
/// Values come in groups of 64: sixteen counters with four words each; value 16·w + i of a group is made from the words of counter i. A vector machine
/// makes a group at a time, and the grouping is the same on all of them.
/// </remarks>
public static unsafe class CounterNoise
{
    private const int Group = 64;

    /// <summary>Fills with values <paramref name="offset"/>, offset + 1, … of the stream: independent, mean 0, variance 1.</summary>
    public static void FillNormal(Span<float> destination, in NoiseStream stream, long offset = 0)
    {
        fixed (float* pointer = destination)
            FillNormal(pointer, destination.Length, stream, offset);
    }

    /// <summary>Fills native memory of <paramref name="count"/> floats; see the overload over a span.</summary>
    public static void FillNormal(float* destination, long count, in NoiseStream stream, long offset = 0) => Fill(destination, count, stream, offset, normal: true);

    /// <summary>Fills with values in [0, 1) in steps of 2^-24.</summary>
    public static void FillUniform(Span<float> destination, in NoiseStream stream, long offset = 0)
    {
        fixed (float* pointer = destination)
            Fill(pointer, destination.Length, stream, offset, normal: false);
    }

    /// <summary>Fills native memory of <paramref name="count"/> floats with values in [0, 1).</summary>
    public static void FillUniform(float* destination, long count, in NoiseStream stream, long offset = 0) => Fill(destination, count, stream, offset, normal: false);

    private static void Fill(float* destination, long count, in NoiseStream stream, long offset, bool normal)
    {
        if (offset < 0 || count < 0 || offset + count > 1L << 34)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"values {offset} … {offset + count} are outside of a stream of 2^34");
        var group = offset / Group;
        var skip = (int)(offset % Group);
        var whole = stackalloc float[Group];
        for (; count > 0; group++, skip = 0)
        {
            if (skip == 0 && count >= Group)
            {
                FillGroup(destination, stream, (uint)(group * 16), normal);
                destination += Group;
                count -= Group;
                continue;
            }
            FillGroup(whole, stream, (uint)(group * 16), normal);
            var part = (int)Math.Min(count, Group - skip);
            new Span<float>(whole + skip, part).CopyTo(new Span<float>(destination, part));
            destination += part;
            count -= part;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FillGroup(float* destination, in NoiseStream stream, uint block, bool normal)
    {
        Philox.Blocks16(stream, block, out var x0, out var x1, out var x2, out var x3);
        if (normal)
        {
            var (n0, n1) = BoxMuller.Transform(x0, x1);
            var (n2, n3) = BoxMuller.Transform(x2, x3);
            n0.Store(destination);
            n1.Store(destination + 16);
            n2.Store(destination + 32);
            n3.Store(destination + 48);
        }
        else
        {
            Uniform(x0).Store(destination);
            Uniform(x1).Store(destination + 16);
            Uniform(x2).Store(destination + 32);
            Uniform(x3).Store(destination + 48);
        }
    }

    private static Vector512<float> Uniform(Vector512<uint> word) => Vector512.ConvertToSingle((word >>> 8).AsInt32()) * Vector512.Create(1f / (1 << 24));
}
