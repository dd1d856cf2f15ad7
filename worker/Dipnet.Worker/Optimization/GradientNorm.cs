using System.Runtime.Intrinsics;

namespace Dipnet.Worker.Optimization;

/// <summary>
/// Sum of squares of a gradient that lies in several spans. Sixteen double lanes run over fixed blocks of <see cref="Block"/> elements of the flat gradient
/// and are added up in lane order at a block's end, blocks in order; spans begin and end on multiples of 16 elements, so the bits do not
/// depend on how the gradient is cut. The square of a float is exact in a double.
/// </summary>
internal struct GradientNorm
{
    private const long Block = 1 << 16;
    private const int Lanes = 16;

    private Vector512<double> _low, _high;
    private double _total;

    /// <summary>Adds elements [offset, offset + count) of the flat gradient; calls come in offset order without gaps, both multiples of 16 but at the end.</summary>
    public unsafe void Add(float* gradient, long offset, long count)
    {
        var i = 0L;
        while (i < count)
        {
            var left = Block - (offset + i) % Block;
            var n = Math.Min(left, count - i);
            Run(gradient + i, n);
            i += n;
            if (n == left)
            {
                CloseBlock();
            }
        }
    }

    /// <summary>Lanes of all blocks of so many elements.</summary>
    public static long LanesOf(long count) => (count + Block - 1) / Block * Lanes;

    /// <summary>The sum of squares from the lanes of all blocks, as a device sums them up, in order.</summary>
    public static double OfLanes(ReadOnlySpan<double> lanes)
    {
        double total = 0;
        foreach (var lane in lanes)
        {
            total += lane;
        }

        return total;
    }

    /// <summary>The sum of squares of all that was added.</summary>
    public double SumOfSquares()
    {
        CloseBlock();
        return _total;
    }

    private unsafe void Run(float* gradient, long count)
    {
        var (low, high) = (_low, _high);
        long i = 0;
        for (; i <= count - 16; i += 16)
        {
            var (a, b) = Vector512.Widen(Vector512.Load(gradient + i));
            low += a * a;
            high += b * b;
        }

        if (i < count)
        {
            var tail = stackalloc float[16];
            new Span<float>(tail, 16).Clear();
            new Span<float>(gradient + i, (int)(count - i)).CopyTo(new Span<float>(tail, 16));
            var (a, b) = Vector512.Widen(Vector512.Load(tail));
            low += a * a;
            high += b * b;
        }

        (_low, _high) = (low, high);
    }

    private void CloseBlock()
    {
        for (var lane = 0; lane < 8; lane++)
        {
            _total += _low[lane];
        }

        for (var lane = 0; lane < 8; lane++)
        {
            _total += _high[lane];
        }

        (_low, _high) = (default, default);
    }
}
