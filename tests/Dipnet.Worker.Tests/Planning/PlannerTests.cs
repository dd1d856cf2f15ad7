using Dipnet.Exchange;
using Dipnet.Modules.Language;
using Dipnet.Protos;
using Dipnet.Worker.Data;
using Dipnet.Worker.Language;
using Dipnet.Worker.Planning;
using Dipnet.Worker.Tests.Cluster;
using Dipnet.Worker.Tests.Language;
using Dipnet.Worker.Training;
using static TorchSharp.torch;

namespace Dipnet.Worker.Tests.Planning;

public sealed class PlannerTests
{
    [Theory]
    [InlineData("vit", true, "blocks", true)]
    [InlineData("vit", true, "sublayers", false)]
    [InlineData("vit", false, "blocks", true)]
    [InlineData("mlp", true, "blocks", true)]
    [InlineData("mlp", false, "blocks", false)]
    public void Parameters_OfClassifiers_AreTheModels(string kind, bool projected, string where, bool input)
    {
        var job = TestJobs.Vit();
        (job.Model.Kind, job.Dipnet.Enabled, job.Dipnet.Where, job.Dipnet.Input) = (kind, projected, where, input);
        using var workload = new ClassificationWorkload(job, DataSets.Open(job.Data), CPU);
        AssertSame(workload, job);
    }

    [Theory]
    [InlineData("llama", "blocks", "")]
    [InlineData("llama", "sublayers", "q_proj,mlp.down_proj")]
    [InlineData("gpt2", "blocks", "")]
    [InlineData("gpt2", "sublayers", "c_attn")]
    public void Parameters_OfDecoders_AreTheModels(string kind, string where, string targets)
    {
        var job = Decoder(kind);
        job.Dipnet.Where = where;
        job.Lora = new LoraSpec { Enabled = targets.Length > 0, Rank = 2, Alpha = 4, Targets = targets };
        using var workload = new LanguageWorkload(job, CPU);
        AssertSame(workload, job);
        var all = ((DecoderModel)workload.Model).named_parameters().Sum(static p => p.parameter.numel());
        Assert.Equal(all, Plan(job).Parameters.Total);
    }

    // Counts as their authors publish them, or as the usual libraries count them.
    [Theory]
    [InlineData("gpt2", 124_439_808)]
    [InlineData("gpt2-xl", 1_557_611_200)]
    [InlineData("Qwen2.5-0.5B", 494_032_768)]
    [InlineData("Qwen2.5-1.5B", 1_543_714_304)]
    [InlineData("Qwen2.5-7B", 7_615_616_512)]
    [InlineData("SmolLM2-135M", 134_515_008)]
    [InlineData("SmolLM2-360M", 361_821_120)]
    [InlineData("SmolLM2-1.7B", 1_711_376_384)]
    [InlineData("TinyLlama-1.1B", 1_100_048_384)]
    [InlineData("Llama-3.2-1B", 1_235_814_400)]
    [InlineData("Llama-2-7b", 6_738_415_616)]
    [InlineData("Mistral-7B", 7_241_732_096)]
    public void Parameters_OfPublishedShapes_AreThePublishedCount(string name, long count)
    {
        var config = KnownDecoders.Find($"{name}-Instruct")!.Value.Config;
        Assert.Equal(count, config.ParameterCount);
        Assert.Equal(count, DecoderShape.Parameters(config, projected: false, sublayers: false, adapters: null).Sum(static p => p.Count));
    }

    [Fact]
    public void Plan_ModelThatIsNotHere_IsPlannedFromItsPublishedShape()
    {
        var job = Decoder("hugging-face");
        job.Model.Path = "/models/Qwen2.5-0.5B-Instruct";
        var plan = Plan(job);
        Assert.Equal(494_032_768 + 25 * 896, plan.Parameters.Total);
        Assert.Contains("/models/Qwen2.5-0.5B-Instruct: is not on this machine", Assert.Single(plan.Missing), StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_ModelThatNobodyKnows_NamesPathAndKnownShapes()
    {
        var job = Decoder("hugging-face");
        job.Model.Path = "/models/unknown";
        var message = Assert.Throws<ArgumentException>(() => Plan(job)).Message;
        Assert.Contains("model.path \"/models/unknown\"", message, StringComparison.Ordinal);
        Assert.Contains("Qwen2.5-0.5B", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_ConfigurationAlone_IsEnough()
    {
        var folder = Directory.CreateTempSubdirectory("plan");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "config.json"), DecoderConfigFile.Format(KnownDecoders.Find("gpt2")!.Value.Config, "float32"));
            var job = Decoder("hugging-face");
            (job.Model.Path, job.Dipnet.Enabled) = (folder.FullName, false);
            var plan = Plan(job);
            Assert.Equal(124_439_808, plan.Parameters.Total);
            Assert.Contains("has no weights", Assert.Single(plan.Missing), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // One node a worker where the workers share the tree evenly: sums out and the reduced slice out, each (n − 1)/n of a gradient, but for slices' rounding to 64 KiB.
    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(2, 1, 2)]
    [InlineData(4, 1.5, 6)]
    public void Exchange_EvenWorkers_SendTwiceTheirShare(int workers, double each, double total)
    {
        var job = TestJobs.Vit();
        (job.Model.Dim, job.Model.Depth) = (256, 4);
        job.Workers = new WorkersSpec { Count = (uint)workers };
        var exchange = Plan(job).Exchange;
        Assert.Equal(total * exchange.Gradient, exchange.SentTotal, 1.0);
        Assert.InRange(exchange.SentPerWorker, each * exchange.Gradient, (each + 0.1) * exchange.Gradient);
    }

    [Fact]
    public void Memory_Adapters_LeaveWeightsOutOfMomentsAndGradients()
    {
        var job = Decoder("hugging-face");
        job.Model.Path = "/models/Qwen2.5-0.5B";
        var full = Plan(job);
        job.Lora = new LoraSpec { Enabled = true, Rank = 8, Alpha = 16, Targets = "q_proj,v_proj" };
        var adapted = Plan(job);
        Assert.Equal(24 * 8 * (896 + 896 + 896 + 128) + 25 * 896, adapted.Parameters.Trained);
        Assert.Equal(494_032_768L * 4, adapted.Memory.FrozenParameters);
        Assert.True(adapted.Memory.OptimizerState * 100 < full.Memory.OptimizerState);
        Assert.Equal(adapted.Memory.TrainedParameters * 3, adapted.CheckpointBytes);
        Assert.True(adapted.Compute.StepTotal < 0.75 * full.Compute.StepTotal);
    }

    [Fact]
    public void Memory_GradientArena_HoldsTheTreesNodesAndTheResult()
    {
        var job = TestJobs.Vit(microbatches: 8);
        Assert.Equal(4, Slots(1));      // a half, a quarter and a leaf at once, and the result
        Assert.Equal(2, Slots(4));      // the second leaf goes onto the first

        long Slots(uint workers)
        {
            job.Workers = new WorkersSpec { Count = workers };
            var memory = Plan(job).Memory;
            return memory.GradientArena / memory.TrainedParameters;
        }
    }

    [Theory]
    [InlineData(1, 1 + 2 + 3, 1 + 2)]               // parameters, moments, a half, a quarter and a leaf; the host has a copy of the state
    [InlineData(4, 1 + 2 + 1 + 1, 1 + 2 + 2 + 1)]   // one leaf at once and the sum of all; the host has the arena and the sum as well
    public void Memory_OnAGpu_HasStateAndGradientsThere(uint workers, long onDevice, long onHost)
    {
        var job = TestJobs.Vit(microbatches: 8);
        job.Workers = new WorkersSpec { Count = workers };
        var memory = Plan(job).Memory;

        Assert.Equal(onDevice * memory.TrainedParameters, memory.DeviceTotal - memory.FrozenParameters - memory.NarrowCopies - memory.Activations);
        Assert.Equal(onHost * memory.TrainedParameters, memory.HostTotal);
    }

    // 6 operations a weight and token, and the attention's; one forward of the blocks more when they are computed again.
    [Fact]
    public void Compute_OfAStep_FollowsTheUsualRule()
    {
        var job = Decoder("llama");
        var model = Planner.Model(job);
        var matrices = model.MatrixElements;
        var attention = 2.0 * job.Model.Depth * job.Model.Context * job.Model.Dim;
        Assert.Equal(6.0 * matrices + 3 * attention, model.Flops.Step(checkpointing: false), 1.0);
        Assert.Equal(job.GlobalBatch * job.Model.Context * model.Flops.Step(checkpointing: false), Plan(job).Compute.StepTotal, 1.0);
        job.ActivationCheckpointing = true;
        Assert.InRange(Plan(job).Compute.StepTotal / (job.GlobalBatch * job.Model.Context * model.Flops.Step(checkpointing: false)), 1.1, 1.34);
    }

    [Fact]
    public void Times_OfAStatedDevice_AreOperationsOverThroughput()
    {
        var job = Decoder("llama");
        job.Workers = new WorkersSpec { Count = 2 };
        var plan = Planner.Plan(job, [new Throughput("a", "b", 2)], gibPerSecond: 0.5);
        var time = Assert.Single(plan.Times);
        Assert.Equal(plan.Compute.StepPerWorker / 2e12, time.ComputeSeconds, 1e-12);
        Assert.Equal(plan.Exchange.SentPerWorker / (double)(1 << 29), time.ExchangeSeconds!.Value, 1e-12);
    }

    [Fact]
    public void Command_JobAsJson_WritesThePlan()
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        Assert.Equal(0, PlanCommand.Run(Google.Protobuf.JsonFormatter.Default.Format(TestJobs.Vit()), null, null, output, error));
        using var plan = System.Text.Json.JsonDocument.Parse(output.ToString());
        Assert.Equal("test", plan.RootElement.GetProperty("job").GetString());
        Assert.Equal(3, plan.RootElement.GetProperty("times").GetArrayLength());
        Assert.Equal(2, PlanCommand.Run("{", null, null, output, error));
        Assert.NotEmpty(error.ToString());
    }

    internal static JobSpec Decoder(string kind)
    {
        var job = LanguageJobs.Arithmetic();
        (job.Model.Kind, job.Model.MlpRatio) = (kind, 4);
        return job;
    }

    internal static TrainingPlan Plan(JobSpec job) => Planner.Plan(job, [], null);

    private static void AssertSame(IWorkload workload, JobSpec job)
    {
        static string Line(string name, long[] shape, ParameterGroup group, int stage) => $"{name} [{string.Join(", ", shape)}] {group} {stage}";
        Assert.Equal(
            workload.Parameters.Select(static p => Line(p.Name, p.Parameter.shape, p.Group, p.Stage)),
            Planner.Model(job).Parameters.Where(static p => p.Trained).Select(static p => Line(p.Name, p.Shape, p.Group, p.Stage)));
    }
}
