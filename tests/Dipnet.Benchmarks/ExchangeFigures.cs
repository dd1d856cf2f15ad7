using System.Globalization;

namespace Dipnet.Benchmarks;

/// <summary>All-reduces of two processes, each transport and Gloo over TCP in turn; ratios of bus bandwidth.</summary>
internal static class ExchangeFigures
{
    private static readonly (string Transport, string Wire, int Mib, double? Bar)[] Cases =
    [
        ("shm", "fp32", 25, 6), ("shm", "fp32", 100, 6),
        ("lane", "fp32", 25, 1.5), ("lane", "fp32", 100, 1.5), ("lane", "bf16", 25, null),
        ("grpc", "fp32", 25, 1), ("grpc", "fp32", 100, 1), ("grpc", "bf16", 25, 1.2),
    ];

    public static IEnumerable<Figure> Run(string root, int rounds)
    {
        foreach (var (transport, wire, mib, bar) in Cases)
        {
            var wall = new List<(double, double)>();
            var cpu = new List<(double, double)>();
            var runs = mib > 50 ? "7" : "21";
            for (var i = 0; i < rounds; i++)
            {
                var peer = BenchProgram.Peer(root, "gloo_all_reduce.py", "2", Text(mib), runs)[0];
                var ours = BenchProgram.Dipnet(root, "bench", "exchange", "--mib", Text(mib), "--transport", transport, "--wire", wire, "--network", "tcp", "--runs", runs, "--json")[0];

                // Bandwidth of the gradient: what bf16 does not send counts as sent.
                wall.Add((GiBps(mib, Value(ours, "milliseconds")), GiBps(mib, Value(peer, "milliseconds"))));
                cpu.Add((Value(ours, "cpuSecondsPerGiB") * (wire == "bf16" ? 0.5 : 1), Value(peer, "cpuSecondsPerGiB")));
            }

            var name = $"exchange {transport} {wire} 2×{mib} MiB";
            yield return Figure.Of(name, "GiB/s", "Gloo over TCP", wall, bar);
            yield return Figure.Of($"  {name}, processor time", "s/GiB", "Gloo over TCP", cpu);
        }
    }

    private static double GiBps(int mib, double milliseconds) => mib / 1024.0 / milliseconds * 1000;

    private static double Value(System.Text.Json.Nodes.JsonNode line, string key) => line[key]!.GetValue<double>();

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
