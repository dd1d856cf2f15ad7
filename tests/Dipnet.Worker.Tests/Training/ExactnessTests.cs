using Dipnet.Protos;
using System.Collections.Concurrent;
using Dipnet.Worker.Tests.Cluster;
using Dipnet.Worker.Devices;
using Dipnet.Worker.Tests.Devices;

namespace Dipnet.Worker.Tests.Training;

public sealed class ExactnessTests
{
    private static readonly Lazy<Task<TestCluster>> Undisturbed = new(() => TestCluster.RunAsync(TestJobs.Vit(), 1));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Train_AnyNumberOfWorkers_EndsWithTheSameBits(int workers)
    {
        var expected = await Undisturbed.Value;
        var run = await TestCluster.RunAsync(TestJobs.Vit(), workers);
        Assert.Equal(expected.Sha256, run.Sha256);
        Assert.Equal(expected.Eval, run.Eval);
        Assert.Equal(70ul, run.Eval.Samples);
        Assert.Equal(40ul, run.Eval.Attacked);
        Assert.Single(run.Digests.Where(d => d.CommittedSteps == 3).Select(d => d.Sha256).Distinct());
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("lane")]
    [InlineData("shm")]
    public async Task Train_AnyTransport_EndsWithTheSameBits(string transport)
    {
        var job = TestJobs.Vit();
        job.Exchange.Transport = transport;
        Assert.Equal((await Undisturbed.Value).Sha256, (await TestCluster.RunAsync(job, 2)).Sha256);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(2, 3)]
    [InlineData(3, 4)]
    public async Task Train_ThroughCopiesThatCompleteInAnyOrder_EndsWithTheSameBits(int workers, int seed)
    {
        var made = new ConcurrentBag<DeferredCopies>();
        var run = await TestCluster.RunAsync(TestJobs.Vit(), workers, prepare: cluster => cluster.Accelerators = _ =>
        {
            var copies = new DeferredCopies(seed + made.Count);
            made.Add(copies);
            return new Accelerator(copies, new HostKernels());
        });

        Assert.Equal((await Undisturbed.Value).Sha256, run.Sha256);
        Assert.Equal(workers, made.Count);
        Assert.All(made, copies => Assert.True(copies.Copies > 6 && copies.IsDisposed));
    }

    [Fact]
    public async Task Train_ThroughCopiesWithADeathInBackward_EndsWithTheSameBits()
    {
        var run = await TestCluster.RunAsync(TestJobs.Vit(), 3, [null, "kill@2:backward", null], cluster => cluster.Accelerators = _ => new Accelerator(new DeferredCopies(5), new HostKernels()));

        Assert.Single(run.Dead);
        Assert.Equal((await Undisturbed.Value).Sha256, run.Sha256);
    }

    [Fact]
    public async Task Train_OtherSeed_EndsWithOtherBits()
    {
        var job = TestJobs.Vit();
        job.Seed++;
        Assert.NotEqual((await Undisturbed.Value).Sha256, (await TestCluster.RunAsync(job, 1)).Sha256);
    }

    [Theory]
    [InlineData(2, 1, "kill@2:forward")]
    [InlineData(2, 0, "kill@2:backward")]
    [InlineData(3, 1, "kill@3:reduce")]
    [InlineData(3, 2, "kill@3:gather")]
    [InlineData(4, 3, "kill@1:optimizer")]
    [InlineData(3, 0, "kill@checkpoint")]
    public async Task Train_WorkerDiesInAnyPhase_EndsWithTheSameBits(int workers, int victim, string fault)
    {
        var job = TestJobs.Vit();
        job.Checkpoint.EverySteps = 2;
        var faults = new string?[workers];
        faults[victim] = fault;
        var run = await TestCluster.RunAsync(job, workers, faults);
        Assert.Single(run.Dead);
        Assert.Equal(workers - 1, run.Finished.Count);
        Assert.Equal((await Undisturbed.Value).Sha256, run.Sha256);

        // A step whose result the survivors had when the worker died lacks what only that worker could report.
        if (fault.Contains(":forward", StringComparison.Ordinal) || fault.Contains(":backward", StringComparison.Ordinal))
        {
            Assert.All(
                run.Steps.GroupBy(s => s.Step).Select(g => g.SelectMany(s => s.Losses).Select(l => l.Microbatch).Distinct().Count()),
                count => Assert.Equal((int)job.Microbatches, count));
        }
    }

    [Fact]
    public async Task Train_FencesAtManyPoints_EndsWithTheSameBits()
    {
        var run = await TestCluster.RunAsync(TestJobs.Vit(), 3, prepare: cluster => cluster.OnStep = step =>
        {
            if (step.Rank == step.Step % 3)
            {
                cluster.Fence("again");
            }
        });
        Assert.Equal((await Undisturbed.Value).Sha256, run.Sha256);
    }

    [Fact]
    public async Task Train_WorkerJoins_TakesTheStateOfItsPeers()
    {
        var joined = 0;
        var run = await TestCluster.RunAsync(TestJobs.Vit(steps: 12), 2, prepare: cluster => cluster.OnStep = step =>
        {
            if (step.Step == 4 && Interlocked.Exchange(ref joined, 1) == 0)
            {
                cluster.AddAsync().ContinueWith(_ => cluster.Fence("join"), TaskScheduler.Default);
            }
        });
        Assert.Equal(3, run.Finished.Count);
        Assert.Equal((await TestCluster.RunAsync(TestJobs.Vit(steps: 12), 1)).Sha256, run.Sha256);
    }

    [Fact]
    public async Task Train_EverySourceOfTheStateDiesDuringThePull_WaitsForTheNextPlan()
    {
        var lost = 0;
        var run = await TestCluster.RunAsync(TestJobs.Vit(), 1, prepare: cluster =>
        {
            cluster.OnPlan = plan =>
            {
                if (plan.Generation == 1)
                {
                    plan.Members.Add(new Member { Rank = 1, WorkerId = "gone", HostIdentity = "elsewhere", Endpoints = new Endpoints { Grpc = "http://127.0.0.1:1" } });
                    plan.StateSources.Add(1);
                    plan.CommittedSteps = 3;
                }
            };
            cluster.OnLine = line =>
            {
                if (line.Contains("cannot be had from 1 sources", StringComparison.Ordinal) && Interlocked.Exchange(ref lost, 1) == 0)
                {
                    cluster.Fence("its source is gone");
                }
            };
        });

        Assert.Equal(1, lost);
        Assert.Equal((await Undisturbed.Value).Sha256, run.Sha256);
    }

    [Fact]
    public async Task Train_FlippedBit_ShowsInTheDigestOfItsWorkerAlone()
    {
        var run = await TestCluster.RunAsync(TestJobs.Vit(), 3, [null, "flip@2", null]);

        var digests = run.Digests.Where(d => d.CommittedSteps == 3).Select(d => d.Sha256).ToList();
        Assert.Equal(2, digests.Distinct().Count());
        Assert.Equal(2, digests.GroupBy(d => d).Max(g => g.Count()));
    }

    [Fact]
    public async Task Train_Bf16AndCheckpointing_AreRepeatable()
    {
        var job = TestJobs.Vit(steps: 3);
        job.Precision = "bf16";
        job.ActivationCheckpointing = true;
        Assert.Equal((await TestCluster.RunAsync(job, 1)).Sha256, (await TestCluster.RunAsync(job, 2)).Sha256);
    }

    [Fact]
    public async Task Train_NonFiniteLoss_StopsBeforeTheStepAndNamesTheLayer()
    {
        var job = TestJobs.Vit();
        job.Optimizer.Weights.LearningRate = 1e38f;
        job.Optimizer.ClipNorm = 0;
        var run = await TestCluster.RunAsync(job, 1);
        var fault = Assert.Single(run.Faults);
        Assert.Equal("non-finite", fault.Kind);
        Assert.NotEmpty(fault.Layer);
    }

    [Fact]
    public async Task Train_NonFiniteSumOfALoneWorkersDevice_NamesTheParameter()
    {
        var run = await TestCluster.RunAsync(
            TestJobs.Vit(), 1, prepare: cluster => cluster.Accelerators = _ => new Accelerator(new DeferredCopies(3), new OverflowingKernels()));

        var fault = Assert.Single(run.Faults);
        Assert.Equal(("non-finite", 0ul, OverflowingKernels.Parameter), (fault.Kind, fault.Step, fault.Layer));
    }

    [Fact]
    public async Task Join_ImpossibleJob_IsAConfigurationFault()
    {
        var job = TestJobs.Vit();
        job.Model.Patch = 3;
        var fault = Assert.Single((await TestCluster.RunAsync(job, 1)).Faults);
        Assert.Equal("configuration", fault.Kind);
        Assert.Contains("Patch", fault.Message, StringComparison.Ordinal);
    }
}
