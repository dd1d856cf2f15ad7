using System.Diagnostics;
using System.Numerics;

namespace Dipnet.Benchmarks;

/// <summary>
/// What two of this machine's processors do at once, against one alone: arithmetic in registers, and copies that miss every cache. Processors that are
/// threads of one core, or that share a bus, cannot double anybody's work.
/// </summary>
internal static class CoreProbe
{
    private const int CopyElements = 16 << 20;
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(1);

    public static IEnumerable<Figure> Run(int rounds)
    {
        yield return Figure.Of("machine: 2 threads of arithmetic to 1", "Gop/s", "1 thread", Pairs(rounds, Arithmetic));
        yield return Figure.Of("machine: 2 threads of copies to 1", "GB/s", "1 thread", Pairs(rounds, Copies));
    }

    private static (double, double)[] Pairs(int rounds, Func<double> work) =>
        [.. Enumerable.Range(0, rounds).Select(_ =>
        {
            var one = work();
            var both = new double[2];
            var threads = Enumerable.Range(0, 2).Select(i => new Thread(() => both[i] = work())).ToArray();
            Array.ForEach(threads, t => t.Start());
            Array.ForEach(threads, t => t.Join());
            return (both.Sum(), one);
        })];

    private static double Arithmetic()
    {
        const int block = 4096;
        Vector<float> a = Vector<float>.One, b = a, c = a, d = a, e = a, f = a, g = a, h = a;
        var factor = new Vector<float>(0.999f);
        var begin = Stopwatch.GetTimestamp();
        long blocks = 0;
        while (Stopwatch.GetElapsedTime(begin) < Length)
        {
            for (var i = 0; i < block; i++)
            {
                // Eight sums that do not wait for each other keep the units busy.
                a = Vector.FusedMultiplyAdd(a, factor, factor);
                b = Vector.FusedMultiplyAdd(b, factor, factor);
                c = Vector.FusedMultiplyAdd(c, factor, factor);
                d = Vector.FusedMultiplyAdd(d, factor, factor);
                e = Vector.FusedMultiplyAdd(e, factor, factor);
                f = Vector.FusedMultiplyAdd(f, factor, factor);
                g = Vector.FusedMultiplyAdd(g, factor, factor);
                h = Vector.FusedMultiplyAdd(h, factor, factor);
            }

            blocks++;
        }

        GC.KeepAlive((a + b + c + d + e + f + g + h)[0]);
        return 2.0 * 8 * Vector<float>.Count * block * blocks / Stopwatch.GetElapsedTime(begin).TotalSeconds / 1e9;
    }

    private static double Copies()
    {
        var from = new float[CopyElements];
        var to = new float[CopyElements];
        from.AsSpan().Fill(1);
        to.AsSpan().Fill(1);
        var begin = Stopwatch.GetTimestamp();
        long copies = 0;
        while (Stopwatch.GetElapsedTime(begin) < Length)
        {
            from.AsSpan().CopyTo(to);
            copies++;
        }

        return 8.0 * CopyElements * copies / Stopwatch.GetElapsedTime(begin).TotalSeconds / 1e9;
    }
}
