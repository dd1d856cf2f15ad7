using System.Runtime.InteropServices;
using System.Text.Json;

namespace Dipnet.EndToEnd.Tests;

public sealed partial class TrainTests : IDisposable
{
    private readonly Command _command = new();

    public void Dispose() => _command.Dispose();

    [Fact]
    public async Task Train_OnAnyNumberOfWorkers_EndsWithTheSameWeights()
    {
        var one = await TrainAsync("1");
        var two = await TrainAsync("2");
        var four = await TrainAsync("4");
        var other = await TrainAsync("1", "--seed", "7", "--set", "steps=2");

        Assert.Equal(64, one.Digest.Length);
        Assert.Equal([one.Digest, one.Digest], [two.Digest, four.Digest]);
        Assert.NotEqual(one.Digest, other.Digest);
    }

    [Fact]
    public async Task Train_FewWordProblemsManyTimes_EndsWithTheSameWeightsOnAnyNumberOfWorkers()
    {
        // Ten rows, 64 of them in eight steps: passes over the data end within steps and microbatches.
        await File.WriteAllTextAsync(
            Path.Combine(_command.Folder, "job.yaml"),
            "data: { name: arithmetic, limit: 10 }\nmodel: { kind: llama, depth: 1, dim: 16, heads: 2, context: 192 }\nsteps: 8\nglobal-batch: 8\nmicrobatches: 4\n"
            + "eval: { samples: 4, trajectories: 1 }\n");
        var one = await DigestAsync("1");

        Assert.Equal(one, await DigestAsync("3"));
        Assert.NotEqual(one, await DigestAsync("1", "--set", "data.limit=11"));

        async Task<string> DigestAsync(string workers, params string[] flags)
        {
            var result = await _command.RunAsync(["train", "job.yaml", "--no-dashboard", "--workers", workers, .. flags]);
            Assert.True(result.ExitCode == 0, result.Output + result.Errors);
            return result.Digest;
        }
    }

    [Fact]
    public async Task Train_RunFolder_HoldsResultAndMetrics()
    {
        var result = await TrainAsync("2");
        var run = Assert.Single(_command.Runs);

        using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(run, "result.json")));
        var root = json.RootElement;
        Assert.Equal("completed", root.GetProperty("status").GetString());
        Assert.Equal(12, root.GetProperty("steps").GetInt32());
        Assert.Equal(result.Digest, root.GetProperty("weightsSha256").GetString());
        Assert.All(new[] { "job", "reason", "workers", "seconds", "samplesPerSecond" }, name => Assert.True(root.TryGetProperty(name, out _), name));
        Assert.All(new[] { "train/loss", "eval/accuracy", "eval/noiseAccuracy", "eval/pgdAccuracy" }, name => Assert.True(root.GetProperty("metrics").TryGetProperty(name, out _), name));
        Assert.True(root.GetProperty("sigma").GetArrayLength() > 0);
        Assert.True(root.GetProperty("exchange").GetProperty("bytes").GetProperty("weights").GetInt64() > 0);

        var lines = (await File.ReadAllLinesAsync(Path.Combine(run, "metrics.jsonl"))).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(Enumerable.Range(0, 12), lines.Select(line => line.GetProperty("step").GetInt32()));
        Assert.All(lines, line => Assert.True(line.GetProperty("loss").GetDouble() > 0));
    }

    [Fact]
    public async Task Train_WrongJob_IsRefusedBeforeAnythingStarts()
    {
        await File.WriteAllTextAsync(Path.Combine(_command.Folder, "job.yaml"), "model:\n  dept: 3\n  heads: many\ndata:\n  name: imagenet\n");

        var result = await _command.RunAsync("train", "job.yaml");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("job.yaml:2: model.dept = 3", result.Errors, StringComparison.Ordinal);
        Assert.Contains("job.yaml:3: model.heads = many", result.Errors, StringComparison.Ordinal);
        Assert.Contains("job.yaml:5: data.name = imagenet", result.Errors, StringComparison.Ordinal);
        Assert.Empty(_command.Runs);
    }

    [Fact]
    public async Task Train_Interrupted_CancelsAndLeavesNoProcess()
    {
        using var process = _command.Start(["train", "--workers", "2", .. Command.SmallJob, "--set", "steps=100000"]);
        while (await process.StandardOutput.ReadLineAsync() is { } line && !line.Contains("  step ", StringComparison.Ordinal))
        {
        }

        var children = ChildrenOf(process.Id);
        kill(process.Id, 2);
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(130, process.ExitCode);
        Assert.Equal(2, children.Count);
        Assert.All(children, child => Assert.False(Directory.Exists($"/proc/{child}")));
        Assert.Contains("\"cancelled\"", await File.ReadAllTextAsync(Path.Combine(Assert.Single(_command.Runs), "result.json")), StringComparison.Ordinal);
    }

    private async Task<CommandResult> TrainAsync(string workers, params string[] flags)
    {
        var result = await _command.RunAsync(["train", "--no-dashboard", "--workers", workers, .. Command.SmallJob, .. flags]);
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        return result;
    }

    private static IReadOnlyList<int> ChildrenOf(int parent) =>
        [.. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!)).Where(id => ParentOf(id) == parent)];

    private static int ParentOf(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1]);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);
}
