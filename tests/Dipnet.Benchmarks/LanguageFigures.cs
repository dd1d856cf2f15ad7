using System.Globalization;

namespace Dipnet.Benchmarks;

/// <summary>Training of a small Llama by two workers, and PyTorch's DistributedDataParallel, in turn: the same model, batch, sequence length and threads.</summary>
internal static class LanguageFigures
{
    public static IEnumerable<Figure> Run(string root, int rounds)
    {
        var beside = new List<(double, double)>();
        for (var i = 0; i < rounds; i++)
        {
            beside.Add((Rate(root, peer: false, 12), Rate(root, peer: true, 15)));
        }

        yield return Figure.Of("llama width 256, 2 workers", "tokens/s", "DDP", beside, 1);
    }

    private static double Rate(string root, bool peer, int steps)
    {
        string[] shape =
            ["--width", "256", "--depth", "6", "--kv-heads", "2", "--length", "256", "--batch", "4", "--workers", "2", "--steps", steps.ToString(CultureInfo.InvariantCulture)];
        var lines = peer ? BenchProgram.Peer(root, "ddp_llama.py", shape) : BenchProgram.Dipnet(root, ["bench", "language", "--json", .. shape]);
        return lines[0]["tokensPerSecond"]!.GetValue<double>();
    }
}
