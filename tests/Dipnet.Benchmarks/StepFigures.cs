using System.Globalization;
using System.Text.Json.Nodes;

namespace Dipnet.Benchmarks;

/// <summary>
/// The training loop and PyTorch's DistributedDataParallel in turn, on the same network, batch and threads; and how far two workers are from twice one. The
/// ceiling of that: two lone workers at once that exchange nothing, ours and the peer's. What they lose to each other, no exchange can give back.
/// </summary>
internal static class StepFigures
{
    public static IEnumerable<Figure> Run(string root, int rounds) => [.. ComputeBound(root, rounds), .. CommunicationBound(root, rounds)];

    private static IEnumerable<Figure> ComputeBound(string root, int rounds)
    {
        string[] shape = ["--width", "192", "--depth", "6", "--batch", "32"];
        var beside = new List<(double, double)>();
        var alone = new List<(double, double)>();
        var twice = new List<(double, double)>();
        var pair = new List<(double, double)>();
        var ofPair = new List<(double, double)>();
        var peerTwice = new List<(double, double)>();
        var peerPair = new List<(double, double)>();
        for (var i = 0; i < rounds; i++)
        {
            var one = Ours(root, shape, 1, 12);
            var peerOne = Peer(root, shape, 1, 15);
            var two = Ours(root, shape, 2, 12);
            var peerTwo = Peer(root, shape, 2, 15);
            var loners = AtOnce(() => Ours(root, shape, 1, 12));
            var peerLoners = AtOnce(() => Peer(root, shape, 1, 15));
            alone.Add((one, peerOne));
            beside.Add((two, peerTwo));
            twice.Add((two, one));
            pair.Add((loners, one));
            ofPair.Add((two, loners));
            peerTwice.Add((peerTwo, peerOne));
            peerPair.Add((peerLoners, peerOne));
        }

        yield return Figure.Of("step width 192, 1 worker", "samples/s", "one PyTorch process", alone);
        yield return Figure.Of("step width 192, 2 workers", "samples/s", "DDP", beside, 1.05);
        yield return Figure.Of("  2 workers to 1", "samples/s", "one worker of ours", twice, 1.95);
        yield return Figure.Of("  ceiling: 2 lone workers at once to 1", "samples/s", "one worker of ours", pair);
        yield return Figure.Of("  2 workers to that ceiling", "samples/s", "2 lone workers", ofPair);
        yield return Figure.Of("  the peer: DDP with 2 to 1 process", "samples/s", "one PyTorch process", peerTwice);
        yield return Figure.Of("  the peer's ceiling: 2 lone processes to 1", "samples/s", "one PyTorch process", peerPair);
    }

    private static IEnumerable<Figure> CommunicationBound(string root, int rounds)
    {
        string[] shape = ["--width", "768", "--depth", "12", "--batch", "2"];
        var beside = new List<(double, double)>();
        for (var i = 0; i < rounds; i++)
        {
            beside.Add((Ours(root, shape, 2, 9), Peer(root, shape, 2, 12)));
        }

        yield return Figure.Of("step width 768, 2 workers", "samples/s", "DDP", beside, 1.4);
    }

    private static double AtOnce(Func<double> run) => Task.WhenAll(Task.Run(run), Task.Run(run)).GetAwaiter().GetResult().Sum();

    private static double Ours(string root, string[] shape, int workers, int steps) =>
        Rate(BenchProgram.Dipnet(root, ["bench", "step", "--json", .. shape, "--workers", Text(workers), "--steps", Text(steps)]));

    private static double Peer(string root, string[] shape, int workers, int steps) =>
        Rate(BenchProgram.Peer(root, "ddp_vit.py", [.. shape, "--workers", Text(workers), "--steps", Text(steps)]));

    private static double Rate(IReadOnlyList<JsonNode> lines) => lines[0]["samplesPerSecond"]!.GetValue<double>();

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
