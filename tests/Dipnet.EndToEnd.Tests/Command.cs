using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Dipnet.EndToEnd.Tests;

/// <summary>Runs the built command as a user does, in a folder of its own.</summary>
internal sealed class Command : IDisposable
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(300);

    public string Folder { get; } = Directory.CreateTempSubdirectory("dipnet-e2e-").FullName;

    /// <summary>Flags of a job that takes a few seconds.</summary>
    public static string[] SmallJob =>
    [
        "--set", "steps=12", "--set", "model.depth=2", "--set", "model.dim=32", "--set", "eval.samples=40", "--set", "eval.attack-samples=8", "--set", "eval.trajectories=2",
    ];

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>The run folders that were made, in order.</summary>
    public IReadOnlyList<string> Runs => Directory.Exists(Path.Combine(Folder, "runs"))
        ? [.. Directory.GetDirectories(Path.Combine(Folder, "runs")).Where(run => File.Exists(Path.Combine(run, "job.yaml"))).Order(StringComparer.Ordinal)]
        : [];

    public async Task<CommandResult> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(LongestRun);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"dipnet {string.Join(' ', arguments)} took longer than {LongestRun}:\n{await output}\n{await errors}");
        }

        return new CommandResult(process.ExitCode, await output, await errors);
    }

    public Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Program(), .. arguments])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    private static string Program([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../artifacts/bin/Dipnet.Cli/release/Dipnet.Cli.dll"));
}
