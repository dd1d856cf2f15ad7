using System.Text.Json;

namespace Dipnet.EndToEnd.Tests;

public sealed class FaultTests : IDisposable
{
    private readonly Command _command = new();

    public void Dispose() => _command.Dispose();

    // Long enough for a process to start and join while it runs, also on a busy machine.
    [Fact]
    public async Task Drill_KillJoinAndCoordinatorRestart_EndsWithTheSameWeights() =>
        await DrillAsync("kill:1@10:reduce,join@20,coordinator@30", "--set", "steps=400");

    [Fact]
    public async Task Drill_HangWithFastDetection_EndsWithTheSameWeights() =>
        await DrillAsync("hang:0@10", "--set", "steps=30", "--set", "failure-detection=fast");

    [Fact]
    public async Task Resume_AfterAKilledRunOnOtherWorkers_EndsWithTheSameWeights()
    {
        string[] job = [.. Command.SmallJob, "--set", "steps=60", "--set", "checkpoint.every-steps=5"];
        var whole = await _command.RunAsync(["train", "--no-dashboard", "--workers", "1", .. job]);
        using var process = _command.Start(["train", "--no-dashboard", "--workers", "2", .. job]);
        var killed = "";
        while (await process.StandardOutput.ReadLineAsync() is not null && killed.Length == 0)
        {
            killed = _command.Runs.Skip(1).FirstOrDefault(run => Directory.Exists(Path.Combine(run, "checkpoints"))
                && Directory.EnumerateDirectories(Path.Combine(run, "checkpoints"), "step-*").Any(folder => File.Exists(Path.Combine(folder, "manifest.json")))) ?? "";
        }

        process.Kill();
        await process.WaitForExitAsync();
        var resumed = await _command.RunAsync(["resume", killed, "--workers", "1"]);

        Assert.True(resumed.ExitCode == 0, resumed.Output + resumed.Errors);
        Assert.Equal(whole.Digest, resumed.Digest);
    }

    private async Task DrillAsync(string faults, params string[] flags)
    {
        var result = await _command.RunAsync(["drill", "--workers", "3", "--faults", faults, "--json", .. Command.SmallJob, .. flags]);

        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        using var json = JsonDocument.Parse(result.Output);
        Assert.True(json.RootElement.GetProperty("digestsEqual").GetBoolean());
        Assert.All(json.RootElement.GetProperty("faults").EnumerateArray(), fault => Assert.True(fault.GetProperty("nextStepSeconds").GetDouble() < 30));
    }
}
