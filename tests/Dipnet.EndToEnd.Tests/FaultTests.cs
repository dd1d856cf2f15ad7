using System.Diagnostics;
using System.Text.Json;

namespace Dipnet.EndToEnd.Tests;

public sealed class FaultTests : IDisposable
{
    private readonly Command _command = new();

    public void Dispose() => _command.Dispose();

    // Two are the minimum, so the job waits for the one that joins however long its process takes to start.
    [Fact]
    public async Task Drill_KillJoinAndCoordinatorRestart_EndsWithTheSameWeights() => await DrillAsync(
        "kill:1@10:reduce,join@10,coordinator@20", ["--workers", "2", "--set", "workers.minimum=2", "--set", "workers.wait-seconds=120", "--set", "steps=60"]);

    [Fact]
    public async Task Drill_KillAndHang_EndsWithTheSameWeights()
    {
        var json = await DrillAsync("kill:1@8,hang:0@16", "--set", "steps=30", "--set", "failure-detection=fast");

        Assert.Equal(2, json.GetProperty("happened").GetInt32());
    }

    // The command carries a scale out from outside, so steps must be left when it comes.
    [Fact]
    public async Task Drill_LeaveAndScale_EndsWithTheSameWeights()
    {
        var json = await DrillAsync("leave:2@8,scale:1@10", "--set", "steps=150");

        Assert.True(json.GetProperty("generations").GetInt32() >= 3);
    }

    [Fact]
    public async Task Drill_FlippedBit_IsFoundAndEndsWithTheSameWeights()
    {
        var json = await DrillAsync("flip:1@66", "--set", "steps=130", "--set", "checkpoint.every-steps=20");

        var events = await File.ReadAllTextAsync(Path.Combine(json.GetProperty("runFolders")[1].GetString()!, "events.jsonl"));
        Assert.Contains("after step 128 the weights of", events, StringComparison.Ordinal);
        Assert.Contains("(rank ", events, StringComparison.Ordinal);
        Assert.Contains("step-00000060 (step 60) and compute again", events, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drill_EveryPhase_EndsWithTheSameWeights()
    {
        var json = await DrillAsync(
            "kill:0@5:forward,kill:1@10:backward,kill:2@15:gather,kill:3@20:optimizer,kill:4@checkpoint", ["--workers", "6", "--set", "steps=30", "--set", "checkpoint.every-steps=25"]);

        Assert.True(json.GetProperty("bytesSentAgain").GetInt64() >= 0);
    }

    // Longer ones by hand: dipnet drill --soak MINUTES --seed S.
    [Fact]
    public async Task Drill_Soak_EndsEveryRoundWithTheSameWeights()
    {
        var result = await _command.RunAsync(["drill", "--soak", Minutes, "--seed", "5", "--json", .. Command.SmallJob, "--set", "steps=250", "--set", "checkpoint.every-steps=25"]);

        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        using var json = JsonDocument.Parse(result.Output);
        Assert.True(json.RootElement.GetProperty("rounds").GetInt32() > 0);
        Assert.True(json.RootElement.GetProperty("passed").GetBoolean());
    }

    [Fact]
    public async Task Train_EveryWorkerKilled_FailsAndTheResultAgrees()
    {
        using var process = await TrainingAsync("--workers", "2");
        foreach (var worker in Children(process.Id))
        {
            Process.GetProcessById(worker).Kill();
        }

        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(1, process.ExitCode);
        Assert.Contains("every worker process has ended", errors, StringComparison.Ordinal);
        var result = await AssertResultAsync("failed", "every worker process has ended");
        Assert.True(result.GetProperty("exchange").GetProperty("bytes").GetProperty("weights").GetInt64() > 0);
    }

    [Fact]
    public async Task Resume_AfterAKilledRunOnOtherWorkers_EndsWithTheSameWeights()
    {
        string[] job = [.. Command.SmallJob, "--set", "steps=40", "--set", "checkpoint.every-steps=5"];
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

    private static string Minutes => Environment.GetEnvironmentVariable("DIPNET_SOAK_MINUTES") is { Length: > 0 } minutes ? minutes : "0.05";

    private Task<JsonElement> DrillAsync(string faults, params string[] flags) => DrillAsync(faults, (IReadOnlyList<string>)flags);

    private async Task<JsonElement> DrillAsync(string faults, IReadOnlyList<string> flags)
    {
        string[] workers = flags.Contains("--workers") ? [] : ["--workers", "3"];
        var result = await _command.RunAsync(["drill", .. workers, "--faults", faults, "--json", .. Command.SmallJob, .. flags]);

        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        var json = JsonDocument.Parse(result.Output).RootElement;
        Assert.True(json.GetProperty("digestsEqual").GetBoolean());
        Assert.All(json.GetProperty("faults").EnumerateArray(), fault => Assert.True(fault.GetProperty("nextStepSeconds").GetDouble() < 30));
        return json;
    }

    /// <summary>A job that would not end, once it has made steps and its workers have had the time to say what they received.</summary>
    private async Task<Process> TrainingAsync(params string[] flags)
    {
        var process = _command.Start(["train", "--no-dashboard", .. flags, .. Command.SmallJob, "--set", "steps=100000"]);
        var lines = 0;
        while (lines < 3 && await process.StandardOutput.ReadLineAsync() is { } line)
        {
            lines += System.Text.RegularExpressions.Regex.IsMatch(line, @"  step \d{2,}/") ? 1 : 0;
        }

        return process;
    }

    private async Task<JsonElement> AssertResultAsync(string status, string reason)
    {
        var json = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Assert.Single(_command.Runs), "result.json"))).RootElement;
        Assert.Equal(status, json.GetProperty("status").GetString());
        Assert.Contains(reason, json.GetProperty("reason").GetString(), StringComparison.Ordinal);
        return json;
    }

    private static IReadOnlyList<int> Children(int parent) => [.. Process.GetProcesses().Where(p => ParentOf(p.Id) == parent).Select(p => p.Id).Order()];

    private static int ParentOf(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
