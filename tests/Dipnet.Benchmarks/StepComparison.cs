using System.Globalization;
using System.Text.Json.Nodes;

namespace Dipnet.Benchmarks;

/// <summary>The training loop and PyTorch's DistributedDataParallel in turn, on the same network, batch and threads.</summary>
internal static class StepComparison
{
    /// <summary>Compute-bound and communication-bound; one worker alone is what two are measured against.</summary>
    public static IReadOnlyList<Shape> Shapes { get; } =
        [new(192, 6, 32, 1), new(192, 6, 32, 2), new(768, 12, 2, 1), new(768, 12, 2, 2)];

    public static JsonNode Run(string root, Shape shape, int rounds)
    {
        List<double> ours = [];
        List<double> peer = [];
        for (var i = 0; i < rounds; i++)
        {
            ours.Add(Rate(BenchProgram.Dipnet(root, ["bench", "step", "--json", .. shape.Arguments()])));
            peer.Add(Rate(BenchProgram.Peer(root, "ddp_vit.py", [.. shape.Arguments()])));
        }

        return new JsonObject
        {
            ["shape"] = shape.ToString(),
            ["samplesPerSecond"] = Median(ours),
            ["peerSamplesPerSecond"] = Median(peer),
            ["ratio"] = Math.Round(Median(ours.Zip(peer, (mine, other) => mine / other)), 3),
        };
    }

    private static double Rate(IReadOnlyList<JsonNode> lines) => Math.Round(lines[0]["samplesPerSecond"]!.GetValue<double>(), 2);

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    /// <param name="Width">Of the transformer.</param>
    /// <param name="Depth">Blocks.</param>
    /// <param name="Batch">Samples a worker.</param>
    /// <param name="Workers">Processes.</param>
    internal sealed record Shape(int Width, int Depth, int Batch, int Workers)
    {
        public IEnumerable<string> Arguments() => new (string Name, int Value)[] { ("--width", Width), ("--depth", Depth), ("--batch", Batch), ("--workers", Workers) }
            .SelectMany(option => new[] { option.Name, option.Value.ToString(CultureInfo.InvariantCulture) });
    }
}
