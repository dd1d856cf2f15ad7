using System.Text.Json;
using Dipnet.Protos;

namespace Dipnet.Coordinator.Tests.Hosting;

public sealed class JobLifeTests
{
    [Fact]
    public async Task Job_WorkersFinish_CompletesWithResult()
    {
        await using var cluster = await TestCluster.StartAsync();
        var jobId = await cluster.SubmitAsync(TestCluster.Job());
        Assert.Equal("gathering", (await cluster.SnapshotAsync(jobId)).Status);
        var workers = await cluster.RunningAsync(2);
        Assert.Equal([0u, 0, 0, 0, 1, 1, 1, 1], workers[0].CurrentPlan!.Owners);
        Assert.Equal("running", (await cluster.SnapshotAsync(jobId)).Status);
        foreach (var worker in workers)
        {
            await worker.TrainToAsync(10);
            await worker.FinishAsync();
        }

        Assert.Equal("completed", (await workers[0].StopAsync()).Status);
        Assert.Equal("completed", (await workers[1].StopAsync()).Status);
        var job = await cluster.SnapshotAsync(jobId);
        Assert.Equal(("completed", "aa", 10ul), (job.Status, job.WeightsSha256, job.CommittedSteps));
        Assert.Equal(0.8, job.Metrics["eval/accuracy"]);

        using var result = JsonDocument.Parse(File.ReadAllBytes(cluster.File(jobId, "result.json")));
        Assert.Equal("completed", result.RootElement.GetProperty("status").GetString());
        Assert.Equal(2, result.RootElement.GetProperty("workers").GetInt32());
        Assert.Equal(0.4, result.RootElement.GetProperty("metrics").GetProperty("eval/pgdAccuracy").GetDouble());
        Assert.Equal(200, result.RootElement.GetProperty("exchange").GetProperty("bytes").GetProperty("weights").GetInt32());
        var steps = File.ReadLines(cluster.File(jobId, "metrics.jsonl")).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("step").GetInt32());
        Assert.Equal(Enumerable.Range(0, 10), steps);
    }

    [Fact]
    public async Task Job_WithFewerThanTheMinimum_FailsAndNamesTheWorkerLostLast()
    {
        await using var cluster = await TestCluster.StartAsync();
        var jobId = await cluster.SubmitAsync(TestCluster.Job(change: job => (job.Workers.Minimum, job.Workers.WaitSeconds, job.FailureDetection) = (2, 12, "patient")));
        var workers = await cluster.RunningAsync(2);
        await Task.WhenAll(workers.Select(w => w.TrainToAsync(3)));
        await cluster.UntilAsync(jobId, job => job.Workers.All(w => w.CommittedSteps == 3));
        await workers[1].KillAsync();
        await workers[0].FenceAsync();
        await workers[0].StandAsync(2);

        await cluster.PassAsync(jobId, TimeSpan.FromSeconds(13));

        var stop = await workers[0].StopAsync();
        Assert.Equal("failed", stop.Status);
        Assert.Contains("worker w1 (rank 1) lost its connection at step 3", stop.Reason, StringComparison.Ordinal);
        Assert.Contains("1 workers after waiting 12 s, the minimum is 2", stop.Reason, StringComparison.Ordinal);
        using var result = JsonDocument.Parse(File.ReadAllBytes(cluster.File(jobId, "result.json")));
        Assert.Equal(("failed", stop.Reason), (result.RootElement.GetProperty("status").GetString(), result.RootElement.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task Job_ThatEnded_IsShownByACoordinatorThatKnowsItsFolderOnly()
    {
        await using var cluster = await TestCluster.StartAsync();
        var jobId = await cluster.SubmitAsync(TestCluster.Job());
        foreach (var worker in await cluster.RunningAsync(2))
        {
            await worker.TrainToAsync(10);
            await worker.FinishAsync();
        }

        await cluster.UntilAsync(jobId, job => job.Status == "completed");
        var before = await cluster.SnapshotAsync(jobId);
        await cluster.StopHostAsync();
        foreach (var file in Directory.EnumerateFiles(cluster.Directory, "coordinator.db*"))
        {
            File.Delete(file);
        }

        await cluster.StartHostAsync();

        var job = Assert.Single(await cluster.Host.Jobs.ListAsync(10, CancellationToken.None));
        Assert.Equal((jobId, "completed", "aa", 2), (job.JobId, job.Status, job.WeightsSha256, job.Workers.Count));
        Assert.Equal(before.Metrics, job.Metrics);
        Assert.Equal(before.WeightsBytes, job.WeightsBytes);
        Assert.Equal(10, (await cluster.Host.Jobs.SeriesAsync(jobId, "loss", 100, CancellationToken.None)).Count);
        Assert.Null(await cluster.Host.Jobs.GetAsync($"../{Path.GetFileName(cluster.Directory)}/{jobId}", CancellationToken.None));
    }
}
