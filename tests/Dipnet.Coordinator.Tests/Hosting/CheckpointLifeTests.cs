using Dipnet.Coordinator.Catalog;
using Dipnet.Protos;

namespace Dipnet.Coordinator.Tests.Hosting;

public sealed class CheckpointLifeTests
{
    [Fact]
    public async Task Shard_ThatCouldNotBeWritten_IsSaidAndTheCheckpointBeforeStays()
    {
        await using var cluster = await TestCluster.StartAsync();
        var jobId = await cluster.SubmitAsync(TestCluster.Job());
        var workers = await cluster.RunningAsync(2);
        await Task.WhenAll(workers.Select(w => w.TrainToAsync(2)));
        await Task.WhenAll(workers.Select(w => w.WriteShardAsync(2)));
        var good = (await cluster.UntilAsync(jobId, job => job.Checkpoints.Count == 1)).Checkpoints[0].Folder;
        await Task.WhenAll(workers.Select(w => w.TrainToAsync(4)));

        await workers[0].WriteShardAsync(2);
        await workers[1].WriteShardAsync(2, error: "shard: No space left on device");

        var job = await cluster.UntilAsync(jobId, job => job.Events.Any(e => e.Text.Contains("No space left on device", StringComparison.Ordinal)));
        Assert.Contains(job.Events, e => e.Kind == "checkpoint" && e.Text.Contains("rank 1 could not write its shard of step 4", StringComparison.Ordinal));
        Assert.Equal([good], job.Checkpoints.Select(c => c.Folder));
        Assert.True(File.Exists(Path.Combine(good, "manifest.json")));
        Assert.False(Directory.Exists(Path.Combine(Path.GetDirectoryName(good)!, "step-00000004")));
    }

    [Fact]
    public async Task Coordinator_KilledBetweenShardsAndManifest_PublishesAfterItsReturn()
    {
        await using var cluster = await TestCluster.StartAsync();
        var jobId = await cluster.SubmitAsync(TestCluster.Job());
        var workers = await cluster.RunningAsync(2);
        await Task.WhenAll(workers.Select(w => w.TrainToAsync(2)));
        await workers[0].WriteShardAsync(2);
        await cluster.StopHostAsync();

        // What a death just before the rename leaves.
        var folder = Path.Combine(cluster.Directory, jobId, "checkpoints", "step-00000002");
        await File.WriteAllTextAsync(Path.Combine(folder, ".manifest.json.77.tmp"), "{\"format\":");
        await File.WriteAllTextAsync(Path.Combine(folder, "shard-01-of-02.safetensors.77.partial"), "half");
        await cluster.StartHostAsync();
        foreach (var worker in workers)
        {
            worker.MoveTo(cluster.Host.ControlAddress);
            await worker.ConnectAsync();
            await worker.WelcomeAsync();
            await worker.WriteShardAsync(2);
        }

        var job = await cluster.UntilAsync(jobId, job => job.Checkpoints.Count == 1);
        Assert.Equal(folder, job.Checkpoints[0].Folder);
        Assert.Equal(["manifest.json", "shard-00-of-02.safetensors", "shard-01-of-02.safetensors"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Submit_ResumingFromBeyondItsSteps_IsRefused()
    {
        await using var cluster = await TestCluster.StartAsync();
        var jobId = await cluster.SubmitAsync(TestCluster.Job());
        var workers = await cluster.RunningAsync(2);
        await Task.WhenAll(workers.Select(w => w.TrainToAsync(4)));
        await Task.WhenAll(workers.Select(w => w.WriteShardAsync(2)));
        await cluster.UntilAsync(jobId, job => job.Checkpoints.Count == 1);

        var refused = await Assert.ThrowsAsync<JobRefusedException>(
            () => cluster.SubmitAsync(TestCluster.Job(steps: 3, change: job => job.ResumeFrom = Path.Combine(cluster.Directory, jobId))));

        Assert.Equal("steps = 3: must be at least 4, where the checkpoint of resume-from is", Assert.Single(refused.Errors));
    }

    [Fact]
    public async Task Plan_WhoseCheckpointCannotBeLoaded_FallsBackToTheOneBefore()
    {
        await using var cluster = await TestCluster.StartAsync();
        var jobId = await cluster.SubmitAsync(TestCluster.Job());
        var workers = await cluster.RunningAsync(2);
        foreach (var step in new ulong[] { 2, 4 })
        {
            await Task.WhenAll(workers.Select(w => w.TrainToAsync(step)));
            await Task.WhenAll(workers.Select(w => w.WriteShardAsync(2)));
            await cluster.UntilAsync(jobId, job => job.Checkpoints.Any(c => c.CommittedSteps == step));
        }

        await Task.WhenAll(workers.Select(w => w.KillAsync()));
        await cluster.UntilAsync(jobId, job => job.Status == "gathering");
        var fresh = new[] { await cluster.WorkerAsync("x0"), await cluster.WorkerAsync("x1") };
        await Task.WhenAll(fresh.Select(w => w.JoinAsync()));
        var plan = (await Task.WhenAll(fresh.Select(w => w.TakePartAsync())))[0];
        Assert.Equal(4ul, plan.CommittedSteps);
        await fresh[0].SayAsync(new WorkerMessage
        {
            Fault = new Fault { JobId = jobId, Generation = plan.Generation, Step = 4, Kind = "checkpoint", Message = "SHA-256 is 1, the manifest says 2" },
        });
        fresh[0].HasState = fresh[1].HasState = false;

        var next = (await Task.WhenAll(fresh.Select(w => w.TakePartAsync())))[0];

        Assert.Equal((2ul, true), (next.CommittedSteps, next.Checkpoint.EndsWith("step-00000002", StringComparison.Ordinal)));
        Assert.Contains((await cluster.SnapshotAsync(jobId)).Events, e => e.Text.Contains("step-00000004 can't be loaded (SHA-256 is 1, the manifest says 2)", StringComparison.Ordinal));
    }
}
