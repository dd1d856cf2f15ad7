using TorchSharp;

namespace Dipnet.Modules;

/// <summary>Fills a tensor's memory, on as many threads as libtorch's operators use; the values do not depend on how many.</summary>
internal static unsafe class NoiseFill
{
    // Below this a second thread costs more than it saves (about 30 µs of work).
    private const long Grain = 32 * 1024;

    /// <summary>Fills <paramref name="trajectories"/> runs of <paramref name="length"/> floats, run t from value <paramref name="offset"/> of stream(t) on.</summary>
    public static void Fill(nint memory, long length, int trajectories, Func<int, NoiseStream> stream, long offset = 0)
    {
        var threads = (int)Math.Min(torch.get_num_threads(), length * trajectories / Grain);
        if (threads <= 1)
        {
            for (var t = 0; t < trajectories; t++)
                CounterNoise.FillNormal((float*)memory + t * length, length, stream(t), offset);
            return;
        }
        var pieces = (length + Grain - 1) / Grain;
        Parallel.For(0, pieces * trajectories, new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
        {
            var (t, piece) = ((int)(i / pieces), i % pieces);
            var start = piece * Grain;
            CounterNoise.FillNormal((float*)memory + t * length + start, Math.Min(Grain, length - start), stream(t), offset + start);
        });
    }
}
