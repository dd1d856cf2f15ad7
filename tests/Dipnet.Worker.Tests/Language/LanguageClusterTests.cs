using System.Text;
using Dipnet.Exchange;
using Dipnet.Protos;
using Dipnet.Worker.Language;
using Dipnet.Worker.Tests.Cluster;
using Dipnet.Worker.Training;
using TorchSharp;

namespace Dipnet.Worker.Tests.Language;

public sealed class LanguageClusterTests : IDisposable
{
    private static readonly Lazy<Task<TestCluster>> Full = new(() => TestCluster.RunAsync(Job(lora: false), 1));
    private static readonly Lazy<Task<TestCluster>> Adapted = new(() => TestCluster.RunAsync(Job(lora: true), 1));

    private static readonly string Text = string.Concat(Enumerable.Range(0, 40).Select(i => $"The cat sat {i} times on a mat.\n<|endoftext|>\nA dog ran.\n"));

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static Task<TestCluster> Undisturbed(bool lora) => (lora ? Adapted : Full).Value;

    private static JobSpec Job(bool lora)
    {
        var job = LanguageJobs.Arithmetic();
        job.Eval = new EvalSpec { Trajectories = 1, Samples = 2 };
        return lora ? LanguageJobs.WithAdapters(job) : job;
    }

    [Theory]
    [InlineData(2, "shm", false)]
    [InlineData(4, "grpc", false)]
    [InlineData(2, "grpc", true)]
    [InlineData(4, "shm", true)]
    public async Task Train_AnyNumberOfWorkers_EndsWithTheSameBits(int workers, string transport, bool lora)
    {
        var job = Job(lora);
        job.Exchange.Transport = transport;
        var expected = await Undisturbed(lora);
        var run = await TestCluster.RunAsync(job, workers);
        Assert.Equal(expected.Sha256, run.Sha256);
        Assert.Equal(expected.Finished.Single().Eval.NllSum, run.Finished.Sum(f => f.Eval.NllSum));
        Assert.Equal(workers, run.Digests.Count(d => d.CommittedSteps == 3));
        Assert.Single(run.Digests.Where(d => d.CommittedSteps == 3).Select(d => d.Sha256).Distinct());
        Assert.All(run.Finished, f => Assert.True(f.Traffic.Weights > 0 && f.Traffic.Projections > 0));
    }

    [Fact]
    public async Task Train_WithAdapters_ExchangesNoFrozenParameter()
    {
        var job = Job(lora: true);
        job.Exchange.Transport = "grpc";
        using var workload = new LanguageWorkload(job, torch.CPU);
        var layout = new ParameterLayout(workload.Parameters.Select(p => (p.Name, p.Parameter.shape, p.Group, p.Stage)));
        var frozen = workload.Model.parameters().Where(p => !p.requires_grad).Sum(p => p.numel());
        var run = await TestCluster.RunAsync(job, 2);

        Assert.All(layout.Places.Where(p => p.Group == ParameterGroup.Weights), p => Assert.Contains(".lora_", p.Name, StringComparison.Ordinal));
        Assert.All(layout.Places.Where(p => p.Group == ParameterGroup.Projections), p => Assert.EndsWith(".rho", p.Name, StringComparison.Ordinal));
        Assert.True(frozen > 4 * layout.Elements, $"{frozen} frozen, {layout.Elements} trained");
        // Of two workers each takes the other's half of its own slice and the slice that the other reduced.
        // (The first plan hands leaves out one by one, so more sums travel in its step.)
        var steps = run.Steps.Where(s => s.Step > 0).ToList();
        Assert.Equal(10, steps.Count);
        Assert.All(steps, s => Assert.InRange(s.WeightsBytes, 1ul, (ulong)layout.WeightsElements * sizeof(float)));
        Assert.All(steps, s => Assert.InRange(s.ProjectionsBytes, 1ul, (ulong)(layout.Elements - layout.WeightsElements) * sizeof(float)));
    }

    [Theory]
    [InlineData(3, 1, "kill@2:backward", false)]
    [InlineData(2, 0, "kill@3:forward", true)]
    [InlineData(4, 3, "kill@3:reduce", true)]
    public async Task Train_WorkerDiesInAStep_EndsWithTheSameBits(int workers, int victim, string fault, bool lora)
    {
        var faults = new string?[workers];
        faults[victim] = fault;
        var run = await TestCluster.RunAsync(Job(lora), workers, faults);
        Assert.Single(run.Dead);
        Assert.Equal((await Undisturbed(lora)).Sha256, run.Sha256);
    }

    [Theory]
    [InlineData(2, 4, false)]
    [InlineData(4, 1, true)]
    public async Task Resume_OnAnotherNumberOfWorkers_EndsWithTheSameBits(int before, int after, bool lora)
    {
        var job = Job(lora);
        job.Checkpoint.EverySteps = 3;
        var first = await TestCluster.RunAsync(job, before, prepare: c => c.Kept = _folder.Path);
        var checkpoint = TestCheckpoint.Publish(first, job, 3);
        var second = await TestCluster.RunAsync(job, after, prepare: c => c.Checkpoint = (checkpoint, 3));
        Assert.Equal((await Undisturbed(lora)).Sha256, second.Sha256);
        Assert.All(second.Steps, s => Assert.InRange(s.Step, 3ul, 5ul));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Train_WithActivationCheckpointing_EndsWithTheSameBits(bool lora)
    {
        var job = Job(lora);
        job.ActivationCheckpointing = true;
        Assert.Equal((await Undisturbed(lora)).Sha256, (await TestCluster.RunAsync(job, 2)).Sha256);
    }

    [Fact]
    public async Task Train_Gpt2InBf16OnText_IsTheSameForAnyNumberOfWorkers()
    {
        var job = Job(lora: false);
        job.Model = new ModelSpec { Kind = "gpt2", Depth = 2, Dim = 16, Heads = 2, MlpRatio = 2, Context = 24 };
        job.Dipnet.Trajectories = 2;
        job.Dipnet.Gamma = 0.1f;
        job.Dipnet.Where = "sublayers";
        job.Precision = "bf16";
        job.Data = new DataSpec { Name = "text", Path = _folder.Write("text.txt", Encoding.UTF8.GetBytes(Text)) };
        Assert.Equal((await TestCluster.RunAsync(job, 1)).Sha256, (await TestCluster.RunAsync(job, 2)).Sha256);
    }
}
