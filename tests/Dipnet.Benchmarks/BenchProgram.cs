using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Dipnet.Benchmarks;

/// <summary>
/// Runs a program that prints one JSON line a case. Environment: <c>DIPNET_PROGRAM</c>, an assembly or program that takes dipnet's arguments, is run instead of
/// the script <c>dipnet</c>, which builds and so needs the SDK; <c>DIPNET_PYTHON</c> is the peers' Python instead of <c>/usr/bin/python3</c>.
/// </summary>
internal static class BenchProgram
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public static IReadOnlyList<JsonNode> Dipnet(string root, params string[] arguments) => Lines(Own(root, arguments));

    /// <summary>Whether <c>dipnet</c> does it; what it prints is not shown, but for its errors.</summary>
    public static bool Try(string root, params string[] arguments) => Run(Own(root, arguments)).Code == 0;

    /// <summary>A Python peer with one thread for every library.</summary>
    public static IReadOnlyList<JsonNode> Peer(string root, string script, params string[] arguments) =>
        Lines([Given("DIPNET_PYTHON") ?? "/usr/bin/python3", Path.Combine(root, "tests", "Dipnet.Benchmarks", "peers", script), .. arguments]);

    /// <summary>A script beside the peers.</summary>
    public static IReadOnlyList<JsonNode> Script(string root, string script, params string[] arguments) =>
        Lines([Path.Combine(root, "tests", "Dipnet.Benchmarks", "peers", script), .. arguments]);

    private static string[] Own(string root, string[] arguments) => Given("DIPNET_PROGRAM") switch
    {
        null => [Path.Combine(root, "dipnet"), .. arguments],
        var assembly when assembly.EndsWith(".dll", StringComparison.Ordinal) => [Host(), assembly, .. arguments],
        var program => [program, .. arguments],
    };

    // The one that runs this program, which need not be on the path.
    private static string Host() => Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : "dotnet";

    private static string? Given(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    private static IReadOnlyList<JsonNode> Lines(string[] line)
    {
        var (code, output) = Run(line);
        if (code != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', line)} ended with code {code}");
        }

        Console.Write(output);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.StartsWith('{')).Select(l => JsonNode.Parse(l)!)];
    }

    private static (int Code, string Output) Run(string[] line)
    {
        var start = new ProcessStartInfo(line[0], line[1..]) { RedirectStandardOutput = true };
        start.Environment["OMP_NUM_THREADS"] = "1";
        // Without it the peer's BLAS takes every core.
        start.Environment["OPENBLAS_NUM_THREADS"] = "1";
        using var process = Process.Start(start)!;
        using var limit = new Timer(_ => process.Kill(entireProcessTree: true), null, Limit, Timeout.InfiniteTimeSpan);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
