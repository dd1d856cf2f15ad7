using Dipnet.Coordinator.Tests.Workers;
using Dipnet.Protos;

namespace Dipnet.Coordinator.Tests.Hosting;

public sealed class GenerationTests
{
    [Fact]
    public async Task Worker_OfAnotherVersion_IsRefused()
    {
        await using var cluster = await TestCluster.StartAsync();
        await using var worker = new FakeWorker(cluster.Host.ControlAddress, "w0");
        await worker.ConnectAsync(version: "7.0.0");

        var welcome = await worker.WelcomeAsync();

        Assert.Contains("7.0.0 does not fit", welcome.Refusal, StringComparison.Ordinal);
        await worker.EndAsync();
    }

    [Fact]
    public async Task Worker_FencedWhileItsMessagesWereUnderWay_ChangesNothing()
    {
        await using var cluster = await TestCluster.StartAsync();
        var jobId = await cluster.SubmitAsync(TestCluster.Job(workers: 3));
        var workers = await cluster.RunningAsync(3);
        var old = workers[0].Generation;
        await workers[2].KillAsync();
        await Task.WhenAll(workers.Take(2).Select(w => w.TakePartAsync()));

        // Of the generation before: a finish with other weights, a digest, a standing, a shard, a fault.
        await workers[0].SayAsync(new WorkerMessage { Finished = new Finished { JobId = jobId, Generation = old, CommittedSteps = 10, WeightsSha256 = "zz" } });
        await workers[0].SayAsync(new WorkerMessage { Digest = new DigestReport { JobId = jobId, Generation = old, CommittedSteps = 1, Sha256 = "zz" } });
        await workers[0].SayAsync(new WorkerMessage { Standing = new Standing { JobId = jobId, Generation = old, HasState = true, CommittedSteps = 9 } });
        await workers[0].SayAsync(new WorkerMessage { Fault = new Fault { JobId = jobId, Generation = old, Step = 9, Kind = "internal", Message = "late" } });
        foreach (var worker in workers.Take(2))
        {
            await worker.TrainToAsync(10);
            await worker.FinishAsync("aa");
        }

        Assert.Equal("completed", (await workers[0].StopAsync()).Status);
        var job = await cluster.SnapshotAsync(jobId);
        Assert.Equal(("aa", 10ul, 2ul), (job.WeightsSha256, job.CommittedSteps, job.Generation));
        Assert.DoesNotContain(job.Events, e => e.Kind == "fault");
    }

    [Fact]
    public async Task Worker_FencedWhileAway_DropsItsState()
    {
        await using var cluster = await TestCluster.StartAsync();
        await cluster.SubmitAsync(TestCluster.Job());
        var workers = await cluster.RunningAsync(2);
        await workers[1].KillAsync();
        await workers[0].TakePartAsync();

        await workers[1].ConnectAsync();

        Assert.True((await workers[1].WelcomeAsync()).DropState);
        Assert.Contains("no member of job", (await workers[1].ReleaseAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Worker_WhoseStreamBrokeWhileTheCoordinatorPaused_KeepsItsPlace()
    {
        await using var cluster = await TestCluster.StartAsync();
        var jobId = await cluster.SubmitAsync(TestCluster.Job());
        var workers = await cluster.RunningAsync(2);
        await Task.WhenAll(workers.Select(w => w.TrainToAsync(1)));
        await cluster.UntilAsync(jobId, job => job.CommittedSteps == 1);

        cluster.Time.Advance(TimeSpan.FromSeconds(10));
        await workers[1].KillAsync();
        await workers[1].ConnectAsync();
        Assert.False((await workers[1].WelcomeAsync()).DropState);
        await AssertCompletesUnderItsFirstPlanAsync(cluster, jobId, workers);
    }

    [Fact]
    public async Task Worker_OnASecondStreamBeforeTheFirstIsSeenToEnd_KeepsItsPlace()
    {
        await using var cluster = await TestCluster.StartAsync();
        var jobId = await cluster.SubmitAsync(TestCluster.Job());
        var workers = await cluster.RunningAsync(2);
        await Task.WhenAll(workers.Select(w => w.TrainToAsync(1)));
        await cluster.UntilAsync(jobId, job => job.CommittedSteps == 1);

        await workers[1].ConnectAsync(keepOld: true);

        Assert.False((await workers[1].WelcomeAsync()).DropState);
        Assert.Contains((await cluster.SnapshotAsync(jobId)).Events, e => e.Text == "worker w1 came back under generation 1");
        await AssertCompletesUnderItsFirstPlanAsync(cluster, jobId, workers);
    }

    [Fact]
    public async Task EveryStream_BreaksAtOnce_NoStepIsLost()
    {
        await using var cluster = await TestCluster.StartAsync();
        var jobId = await cluster.SubmitAsync(TestCluster.Job());
        var workers = await cluster.RunningAsync(2);
        await Task.WhenAll(workers.Select(w => w.TrainToAsync(3)));
        await cluster.UntilAsync(jobId, job => job.Workers.All(w => w.CommittedSteps == 3));
        await workers[0].KillAsync();
        await cluster.UntilAsync(jobId, job => job.Workers.Count == 1);
        await workers[1].KillAsync();
        await cluster.UntilAsync(jobId, job => job.Events.Any(e => e.Text.Contains("worker w1 lost its connection at step 3; it may come back", StringComparison.Ordinal)));

        foreach (var worker in workers)
        {
            await worker.ConnectAsync();
        }

        Assert.True((await workers[0].WelcomeAsync()).DropState);
        Assert.False((await workers[1].WelcomeAsync()).DropState);
        var plan = await workers[1].TakePartAsync();
        Assert.Equal(3ul, plan.CommittedSteps);
        Assert.Equal([0u], plan.StateSources);
    }

    [Fact]
    public async Task Worker_ThatAloneHasTheStateAndStaysAway_IsGivenUp()
    {
        await using var cluster = await TestCluster.StartAsync();
        var jobId = await cluster.SubmitAsync(TestCluster.Job(workers: 1));
        var first = (await cluster.RunningAsync(1))[0];
        await first.TrainToAsync(3);
        await cluster.UntilAsync(jobId, job => job.CommittedSteps == 3);
        await first.KillAsync();
        await cluster.UntilAsync(jobId, job => job.Events.Any(e => e.Text.EndsWith("it may come back", StringComparison.Ordinal)));

        await cluster.PassAsync(jobId, TimeSpan.FromSeconds(9));

        var second = await cluster.WorkerAsync("w1");
        await second.JoinAsync();
        Assert.Equal(0ul, (await second.TakePartAsync()).CommittedSteps);
        Assert.Contains((await cluster.SnapshotAsync(jobId)).Events, e => e.Text == "worker w0 (rank 0) did not come back at step 3");
    }

    [Fact]
    public async Task Worker_ThatReachesNobodysState_IsDroppedHoweverOften()
    {
        await using var cluster = await TestCluster.StartAsync();
        var jobId = await cluster.SubmitAsync(TestCluster.Job(workers: 1));
        var first = (await cluster.RunningAsync(1))[0];
        for (var i = 0; i < 4; i++)
        {
            var joiner = await cluster.WorkerAsync($"j{i}");
            await joiner.JoinAsync();
            await joiner.BeatAsync(Phase.WaitingForPlan);
            await Task.WhenAll(first.TakePartAsync(), joiner.TakePartAsync());
            await joiner.SayAsync(new WorkerMessage { Fault = new Fault { JobId = jobId, Generation = joiner.Generation, Kind = "state", Message = "nobody answers" } });
            await joiner.EndAsync();
            await first.TakePartAsync();
        }

        await first.TrainToAsync(10);
        await first.FinishAsync();

        Assert.Equal("completed", (await first.StopAsync()).Status);
    }

    [Fact]
    public async Task Worker_ThatLeft_IsNotOfferedTheJobAgain()
    {
        await using var cluster = await TestCluster.StartAsync();
        var jobId = await cluster.SubmitAsync(TestCluster.Job());
        var workers = await cluster.RunningAsync(2);
        await Task.WhenAll(workers.Select(w => w.TrainToAsync(1)));
        await Task.WhenAll(workers.Select(w => w.BeatAsync(Phase.Compute)));
        await workers[1].SayAsync(new WorkerMessage { Leaving = new Leaving { Reason = "SIGTERM" } });
        var fences = await Task.WhenAll(workers.Select(w => w.FenceAsync()));
        await Task.WhenAll(workers.Select(w => w.StandAsync(fences[0].Generation)));
        await workers[1].ReleaseAsync();

        // Its process is still there for a moment, and idle.
        await workers[1].BeatAsync(Phase.Idle);
        await workers[0].TakePlanAsync();
        var third = await cluster.WorkerAsync("w2");
        await third.JoinAsync();

        var job = await cluster.SnapshotAsync(jobId);
        Assert.Equal(["w0", "w2"], job.Workers.Select(w => w.WorkerId));
        Assert.Single(job.Events, e => e.Text.Contains("w1 joins", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TwoWorkers_WithTheSameId_NeverBothCount()
    {
        await using var cluster = await TestCluster.StartAsync();
        var jobId = await cluster.SubmitAsync(TestCluster.Job());
        var workers = await cluster.RunningAsync(2);
        await using var twin = new FakeWorker(cluster.Host.ControlAddress, "w1");
        await twin.ConnectAsync();
        await twin.WelcomeAsync();

        // The newcomer is idle and takes the place; what the first one held counts no more, and it is told so.
        await workers[1].EndAsync();
        var join = await twin.JoinAsync();
        await twin.BeatAsync(Phase.WaitingForPlan);
        Assert.Equal(jobId, join.JobId);
        var plan = await UntilPlannedAsync(workers[0], members: 2, twin);
        Assert.Equal(["w0", "w1"], plan.Members.Select(m => m.WorkerId));
        Assert.Equal([0u], plan.StateSources);
    }

    private static async Task AssertCompletesUnderItsFirstPlanAsync(TestCluster cluster, string jobId, FakeWorker[] workers)
    {
        foreach (var worker in workers)
        {
            await worker.TrainToAsync(10);
            await worker.FinishAsync();
        }

        Assert.Equal("completed", (await workers[0].StopAsync()).Status);
        Assert.Equal(1ul, (await cluster.SnapshotAsync(jobId)).Generation);
    }

    // Between the loss of the one and the arrival of the other there may be a plan without both.
    private static async Task<Plan> UntilPlannedAsync(FakeWorker member, int members, FakeWorker twin)
    {
        var second = twin.TakePartAsync();
        while (true)
        {
            var plan = await member.TakePartAsync();
            if (plan.Members.Count == members)
            {
                await second;
                return plan;
            }
        }
    }
}
