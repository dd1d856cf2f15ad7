using System.Globalization;

namespace Dipnet.Benchmarks;

/// <summary>Training of small Llamas by two workers, and PyTorch's DistributedDataParallel, in turn: the same model, batch, sequence length and threads.</summary>
internal static class LanguageFigures
{
    /// <summary>Steps that the peer makes before those that count.</summary>
    private const int PeerWarmUp = 3;

    // A step of the smaller model takes 0.15 s: fewer than sixty are a matter of luck.
    private static readonly (string Name, int Steps, string[] Shape)[] Cases =
    [
        ("llama width 256, 2 workers", 12, ["--width", "256", "--depth", "6", "--kv-heads", "2", "--length", "256", "--batch", "4"]),
        ("llama width 128, 2 workers", 60, ["--width", "128", "--depth", "4", "--kv-heads", "2", "--length", "128", "--batch", "8"]),
    ];

    public static IEnumerable<Figure> Run(string root, int rounds)
    {
        foreach (var (name, steps, shape) in Cases)
        {
            var beside = new List<(double, double)>();
            for (var i = 0; i < rounds; i++)
            {
                beside.Add((Rate(root, peer: false, steps, shape), Rate(root, peer: true, steps + PeerWarmUp, shape)));
            }

            yield return Figure.Of(name, "tokens/s", "DDP", beside, 1);
        }
    }

    private static double Rate(string root, bool peer, int steps, string[] shape)
    {
        string[] arguments = ["--workers", "2", "--steps", steps.ToString(CultureInfo.InvariantCulture), .. shape];
        var lines = peer ? BenchProgram.Peer(root, "ddp_llama.py", arguments) : BenchProgram.Dipnet(root, ["bench", "language", "--json", .. arguments]);
        return lines[0]["tokensPerSecond"]!.GetValue<double>();
    }
}
