using System.Globalization;

namespace Dipnet.Worker.Bench;

/// <summary>What <c>bench exchange</c> measures, as its worker processes get it.</summary>
internal sealed record ExchangeBenchCase
{
    public required int Workers { get; init; }

    /// <summary>MiB of gradient in fp32.</summary>
    public required int Mib { get; init; }

    /// <summary>shm, lane or grpc.</summary>
    public required string Transport { get; init; }

    /// <summary>fp32 or bf16.</summary>
    public required string Wire { get; init; }

    public required int Runs { get; init; }

    /// <summary>unix or tcp; of no meaning under shared memory.</summary>
    public required string Network { get; init; }

    /// <summary>Network namespace and address of each worker; empty: this process's own namespace and the loopback.</summary>
    public IReadOnlyList<(string Namespace, string Address)> Places { get; init; } = [];

    /// <summary>Of the link between the places, in Mbit/s in each direction; 0: not known.</summary>
    public int LineRate { get; init; }

    public string Name => $"exchange/{(Transport == "shm" ? Transport : $"{Transport}/{(Places.Count > 0 ? "namespaces" : Network)}")}/{Wire}/{Workers}x{Mib}MiB";

    /// <summary>Bytes that an all-reduce must send from each worker at least.</summary>
    public long BytesToSend => (long)(2.0 * (Workers - 1) / Workers * Mib * (1 << 20) * (Wire == "bf16" ? 0.5 : 1));

    public string[] WorkerArguments(int rank) =>
    [
        "bench", "exchange-worker", "--mib", Text(Mib), "--transport", Transport, "--wire", Wire, "--runs", Text(Runs), "--network", Network,
        "--address", Places.Count > 0 ? Places[rank].Address : "127.0.0.1",
    ];

    /// <summary>What the time is measured against.</summary>
    /// <param name="copyMilliseconds">A copy of the gradient in each worker at once.</param>
    public (double Milliseconds, string Note) Ceiling(double copyMilliseconds) =>
        Transport == "shm" ? (copyMilliseconds, "each worker copies its gradient once")
        : LineRate > 0 ? (BytesToSend * 8 / (LineRate * 1000.0), $"the same bytes at {LineRate} Mbit/s")
        : (SocketCeiling.Milliseconds(Workers, BytesToSend, tcp: Network == "tcp"), $"the same bytes over raw {(Network == "tcp" ? "TCP" : "Unix")} sockets");

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
