namespace Dipnet.EndToEnd.Tests;

public sealed class DiskTests : IDisposable
{
    private static readonly string[] Job = [.. Command.SmallJob, "--set", "steps=40", "--set", "checkpoint.keep-last=100"];

    private readonly Command _command = new();

    public void Dispose() => _command.Dispose();

    [SmallDiskFact]
    public async Task Train_FullDisk_TrainsOnAndKeepsTheCheckpointsThatAreThere()
    {
        var whole = await _command.RunAsync(["train", "--no-dashboard", "--workers", "1", "--run-dir", "whole", .. Job]);
        using var disk = SmallDisk.Mount(Path.Combine(_command.Folder, "runs"), "size=19m");

        var full = await _command.RunAsync(["train", "--no-dashboard", "--workers", "2", .. Job, "--set", "checkpoint.every-steps=1"]);

        Assert.True(full.ExitCode == 0, full.Output + full.Errors);
        Assert.Equal(whole.Digest, full.Digest);
        var run = Assert.Single(_command.Runs);
        var events = await File.ReadAllTextAsync(Path.Combine(run, "events.jsonl"));
        Assert.Contains("could not write its shard of step 40", events, StringComparison.Ordinal);
        Assert.Contains("the disk is full", events, StringComparison.Ordinal);
        var checkpoints = Directory.GetDirectories(Path.Combine(run, "checkpoints"));
        Assert.NotEmpty(checkpoints);
        foreach (var checkpoint in new[] { checkpoints.Min()!, checkpoints.Max()! })
        {
            var verified = await _command.RunAsync("checkpoint", "verify", checkpoint);
            Assert.True(verified.ExitCode == 0, verified.Output + verified.Errors);
        }
    }

    [SmallDiskFact]
    public async Task Train_ReadOnlyFolderOfCheckpoints_TrainsOnAndSaysSo()
    {
        using var process = _command.Start(["train", "--no-dashboard", "--workers", "1", .. Job, "--set", "checkpoint.every-steps=10"]);
        var output = process.StandardOutput.ReadToEndAsync();
        var folder = "";
        using (var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60)))
        {
            while (!Directory.Exists(folder))
            {
                limit.Token.ThrowIfCancellationRequested();
                folder = Path.Combine(_command.Runs.FirstOrDefault() ?? "none", "checkpoints");
            }
        }

        using var disk = SmallDisk.Mount(folder, "ro,size=1m");
        await process.WaitForExitAsync();

        Assert.True(process.ExitCode == 0, await output);
        var events = await File.ReadAllTextAsync(Path.Combine(Assert.Single(_command.Runs), "events.jsonl"));
        Assert.Contains("Read-only file system", events, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_DamagedCheckpoints_FallsBackToTheNewestWholeOneAndLeavesThemAlone()
    {
        string[] job = [.. Job, "--set", "checkpoint.every-steps=10"];
        var whole = await _command.RunAsync(["train", "--no-dashboard", "--workers", "2", .. job]);
        Assert.True(whole.ExitCode == 0, whole.Output + whole.Errors);
        var run = Assert.Single(_command.Runs);
        var checkpoints = Path.Combine(run, "checkpoints");
        var shard = Path.Combine(checkpoints, "step-00000040", "shard-01-of-02.safetensors");
        var bytes = await File.ReadAllBytesAsync(shard);
        bytes[^5] ^= 4;
        await File.WriteAllBytesAsync(shard, bytes);
        File.Delete(Path.Combine(checkpoints, "step-00000030", "shard-00-of-02.safetensors"));
        var manifest = Path.Combine(checkpoints, "step-00000020", "manifest.json");
        var torn = (await File.ReadAllBytesAsync(manifest))[..200];
        await File.WriteAllBytesAsync(manifest, torn);
        // A death between the last shard and the rename of the manifest.
        var half = Directory.CreateDirectory(Path.Combine(checkpoints, "step-00000050")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(half, ".manifest.json.1.tmp"), torn);

        var resumed = await _command.RunAsync("resume", run, "--workers", "1");

        Assert.True(resumed.ExitCode == 0, resumed.Output + resumed.Errors);
        Assert.Equal(whole.Digest, resumed.Digest);
        var events = await File.ReadAllTextAsync(Path.Combine(_command.Runs[^1], "events.jsonl"));
        Assert.Contains("step-00000010", events, StringComparison.Ordinal);
        Assert.Contains("shard-01-of-02.safetensors: SHA-256 is", events, StringComparison.Ordinal);
        Assert.Contains("step-00000030/shard-00-of-02.safetensors: is missing", events, StringComparison.Ordinal);
        Assert.Contains("step-00000020/manifest.json", events, StringComparison.Ordinal);
        Assert.Equal(torn, await File.ReadAllBytesAsync(manifest));
        var verified = await _command.RunAsync("checkpoint", "verify", Path.Combine(checkpoints, "step-00000040"));
        Assert.NotEqual(0, verified.ExitCode);
        Assert.Contains("shard-01-of-02.safetensors: SHA-256 is", verified.Output + verified.Errors, StringComparison.Ordinal);
    }
}
