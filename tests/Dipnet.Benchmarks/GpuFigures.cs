using System.Globalization;
using System.Text.Json.Nodes;

namespace Dipnet.Benchmarks;

/// <summary>One worker on a GPU and one PyTorch process there, in turn: the same models, batches, precision and parts of a batch.</summary>
internal static class GpuFigures
{
    /// <summary>Steps that the peer makes before those that count.</summary>
    private const int PeerWarmUp = 3;
    private const int Steps = 30;

    private static readonly string[] Small = ["--width", "192", "--depth", "6", "--batch", "256"];
    private static readonly string[] Large = ["--width", "768", "--depth", "12", "--batch", "256"];
    private static readonly string[] Bf16 = ["--precision", "bf16"];

    private static readonly (string Name, Kind Kind, string[] Shape)[] Cases =
    [
        ("step width 192 batch 256 fp32", Images, Small),
        ("step width 768 batch 256 fp32", Images, Large),
        ("step width 768 batch 256 bf16", Images, [.. Large, .. Bf16]),
        ("step width 768 batch 4 × 64 bf16", Images, [.. Large, .. Bf16, "--microbatches", "4"]),
        ("llama width 768 length 1024 batch 8 bf16", Text, ["--width", "768", "--depth", "12", "--kv-heads", "2", "--length", "1024", "--batch", "8", .. Bf16]),
    ];

    private static Kind Images => new("step", "ddp_vit.py", "samplesPerSecond", "samples/s");

    private static Kind Text => new("language", "ddp_llama.py", "tokensPerSecond", "tokens/s");

    /// <summary>Whether a worker can use a GPU here. If not, it has said why on standard error, in a line.</summary>
    public static bool Possible(string root) =>
        BenchProgram.Try(root, "bench", "step", "--device", "cuda", "--workers", "1", "--width", "64", "--depth", "1", "--batch", "1", "--steps", "1", "--json");

    public static IEnumerable<Figure> Run(string root, int rounds)
    {
        foreach (var (name, kind, shape) in Cases)
        {
            var beside = new List<(double, double)>();
            var note = "";
            for (var i = 0; i < rounds; i++)
            {
                var ours = BenchProgram.Dipnet(root, ["bench", kind.Bench, "--json", .. Arguments(shape, Steps)])[0];
                var peer = BenchProgram.Peer(root, kind.Script, Arguments(shape, Steps + PeerWarmUp))[0];
                beside.Add((Rate(ours, kind), Rate(peer, kind)));
                note = peer["note"]!.GetValue<string>();
            }

            yield return Figure.Of($"GPU {name}", kind.Unit, $"one PyTorch process: {note}", beside);
        }
    }

    private static string[] Arguments(string[] shape, int steps) =>
        ["--device", "cuda", "--workers", "1", "--steps", steps.ToString(CultureInfo.InvariantCulture), .. shape];

    private static double Rate(JsonNode line, Kind kind) => line[kind.Key]!.GetValue<double>();

    /// <param name="Bench">The part of <c>dipnet bench</c>.</param>
    /// <param name="Script">The peer's.</param>
    /// <param name="Key">Of the rate in both programs' lines.</param>
    private sealed record Kind(string Bench, string Script, string Key, string Unit);
}
