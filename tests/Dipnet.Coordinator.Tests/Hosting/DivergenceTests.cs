using Dipnet.Coordinator.Tests.Workers;
using Dipnet.Protos;

namespace Dipnet.Coordinator.Tests.Hosting;

public sealed class DivergenceTests
{
    [Fact]
    public async Task Digest_OneOfThreeDiffers_IsNamedAndAllGoBackToTheAgreedCheckpoint()
    {
        await using var cluster = await TestCluster.StartAsync();
        var jobId = await cluster.SubmitAsync(TestCluster.Job(workers: 3));
        var workers = await cluster.RunningAsync(3);
        await TrainAsync(workers, 2, "a", "a", "a");
        var good = await CheckpointAsync(cluster, jobId, workers);
        await TrainAsync(workers, 4, "a", "a", "a");
        await cluster.UntilAsync(jobId, job => job.CommittedSteps == 4);
        await TrainAsync(workers, 6);
        var doubtful = await CheckpointAsync(cluster, jobId, workers);

        await SayDigestsAsync(workers, "a", "b", "a");
        var plans = await Task.WhenAll(workers.Select(w => w.TakePartAsync()));

        Assert.All(plans, plan => Assert.Equal((2ul, good, 0), (plan.CommittedSteps, plan.Checkpoint, plan.StateSources.Count)));
        var job = await cluster.SnapshotAsync(jobId);
        Assert.Contains(job.Events, e => e.Kind == "fault" && e.Text.Contains("after step 6 the weights of w1 (rank 1) differ from the majority's", StringComparison.Ordinal));
        Assert.Equal([good], job.Checkpoints.Select(c => c.Folder));
        Assert.False(File.Exists(Path.Combine(doubtful, "manifest.json")));
    }

    [Fact]
    public async Task Digest_TwoDiffer_BothAreSaidAndAllStartAgain()
    {
        await using var cluster = await TestCluster.StartAsync();
        var jobId = await cluster.SubmitAsync(TestCluster.Job());
        var workers = await cluster.RunningAsync(2);
        await TrainAsync(workers, 3, "a", "b");

        var plans = await Task.WhenAll(workers.Select(w => w.TakePartAsync()));

        Assert.All(plans, plan => Assert.Equal((0ul, "", 0), (plan.CommittedSteps, plan.Checkpoint, plan.StateSources.Count)));
        var text = Assert.Single((await cluster.SnapshotAsync(jobId)).Events, e => e.Kind == "fault").Text;
        Assert.Contains("without a majority: w0 (rank 0) has a; w1 (rank 1) has b; all go back to the start", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Digest_DiffersAgainAndAgain_FailsTheJobAndNamesTheWorker()
    {
        await using var cluster = await TestCluster.StartAsync();
        var jobId = await cluster.SubmitAsync(TestCluster.Job(workers: 3));
        var workers = await cluster.RunningAsync(3);
        for (var i = 0; i < 3; i++)
        {
            await TrainAsync(workers, 3, "a", "a", "c");
            await Task.WhenAll(i < 2 ? workers.Select(w => (Task)w.TakePartAsync()) : workers.Select(w => (Task)w.StopAsync()));
        }

        var job = await cluster.SnapshotAsync(jobId);
        Assert.Equal("failed", job.Status);
        Assert.Contains("w2 (rank 2)", job.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Finished_WithDifferentWeights_IsComputedAgain()
    {
        await using var cluster = await TestCluster.StartAsync();
        var jobId = await cluster.SubmitAsync(TestCluster.Job());
        var workers = await cluster.RunningAsync(2);
        await TrainAsync(workers, 10);
        await workers[0].FinishAsync("a");
        await workers[1].FinishAsync("b");
        await Task.WhenAll(workers.Select(w => w.TakePartAsync()));
        await TrainAsync(workers, 10);
        await Task.WhenAll(workers.Select(w => w.FinishAsync("a")));

        Assert.Equal("completed", (await workers[0].StopAsync()).Status);
        Assert.Equal("a", (await cluster.SnapshotAsync(jobId)).WeightsSha256);
    }

    private static async Task TrainAsync(FakeWorker[] workers, ulong steps, params string[] digests)
    {
        foreach (var worker in workers)
        {
            await worker.TrainToAsync(steps);
        }

        await SayDigestsAsync(workers, digests);
    }

    private static async Task SayDigestsAsync(FakeWorker[] workers, params string[] digests)
    {
        foreach (var (worker, digest) in workers.Zip(digests))
        {
            await worker.SayAsync(new WorkerMessage
            {
                Digest = new DigestReport { JobId = worker.JobId, Generation = worker.Generation, CommittedSteps = worker.Committed, Sha256 = digest },
            });
        }
    }

    /// <summary>Every worker's shard of the step that it is at; returns the folder once it is published.</summary>
    private static async Task<string> CheckpointAsync(TestCluster cluster, string jobId, FakeWorker[] workers)
    {
        var step = workers[0].Committed;
        foreach (var worker in workers)
        {
            await worker.WriteShardAsync(workers.Length);
        }

        var job = await cluster.UntilAsync(jobId, job => job.Checkpoints.Any(c => c.CommittedSteps == step));
        return job.Checkpoints.Single(c => c.CommittedSteps == step).Folder;
    }
}
