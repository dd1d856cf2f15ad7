using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Dipnet.Benchmarks;

/// <summary>Runs a program that prints one JSON line a case.</summary>
internal static class BenchProgram
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public static IReadOnlyList<JsonNode> Dipnet(string root, params string[] arguments) => Run(Path.Combine(root, "dipnet"), arguments);

    /// <summary>A Python peer with one thread for every library.</summary>
    public static IReadOnlyList<JsonNode> Peer(string root, string script, params string[] arguments) =>
        Run("/usr/bin/python3", [Path.Combine(root, "tests", "Dipnet.Benchmarks", "peers", script), .. arguments]);

    /// <summary>A script beside the peers.</summary>
    public static IReadOnlyList<JsonNode> Script(string root, string script, params string[] arguments) =>
        Run(Path.Combine(root, "tests", "Dipnet.Benchmarks", "peers", script), arguments);

    private static IReadOnlyList<JsonNode> Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        // Without it the peer's BLAS takes every core.
        start.Environment["OPENBLAS_NUM_THREADS"] = "1";
        using var process = Process.Start(start)!;
        using var limit = new Timer(_ => process.Kill(entireProcessTree: true), null, Limit, Timeout.InfiniteTimeSpan);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with code {process.ExitCode}");
        }

        Console.Write(output);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.StartsWith('{')).Select(l => JsonNode.Parse(l)!)];
    }
}
