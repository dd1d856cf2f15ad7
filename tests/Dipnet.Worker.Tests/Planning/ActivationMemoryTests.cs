using System.Globalization;
using System.Runtime.InteropServices;
using Dipnet.Protos;
using Dipnet.Worker.Data;
using Dipnet.Worker.Language;
using Dipnet.Worker.Planning;
using Dipnet.Worker.Tests.Cluster;
using Dipnet.Worker.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Tests.Planning;

/// <summary>The estimate of activations against the memory that one microbatch's forward and backward really take. Nothing else may run in the process meanwhile.</summary>
[CollectionDefinition(nameof(ActivationMemoryTests), DisableParallelization = true)]
[Collection(nameof(ActivationMemoryTests))]
public sealed partial class ActivationMemoryTests
{
    private const double Factor = 1.25;
    private const int MmapThreshold = -3;       // M_MMAP_THRESHOLD of mallopt

    [Theory]
    [InlineData("llama", false)]
    [InlineData("llama", true)]
    [InlineData("gpt2", false)]
    [InlineData("gpt2", true)]
    [InlineData("vit", false)]
    [InlineData("vit", true)]
    public void Activations_OfAMicrobatch_AreWithinAQuarterOfTheEstimate(string kind, bool checkpointing)
    {
        var job = kind == "vit" ? TestJobs.Vit() : PlannerTests.Decoder(kind);
        (job.Model.Dim, job.Model.Depth, job.Model.Heads, job.Model.KvHeads, job.Model.HiddenDim, job.Model.MlpRatio) = (128, 6, 4, 4, 512, 4);
        (job.GlobalBatch, job.Microbatches, job.Data.Limit, job.Dipnet.Gamma, job.ActivationCheckpointing) = (kind == "vit" ? 256u : 8u, 1, 1000, 0, checkpointing);
        job.Model.Patch = 2;
        using IWorkload workload = kind == "vit" ? new ClassificationWorkload(job, DataSets.Open(job.Data), CPU) : new LanguageWorkload(job, CPU);
        Step(workload, 1);
        var estimate = PlannerTests.Plan(job).Memory.Activations;
        var measured = Peak(() => Step(workload, (int)job.GlobalBatch));
        Assert.True(measured > estimate / Factor && measured < estimate * Factor, $"{kind}, checkpointing {checkpointing}: {measured >> 20} MiB measured, {estimate >> 20} MiB estimated");
    }

    private static void Step(IWorkload workload, int samples)
    {
        using var scope = NewDisposeScope();
        workload.Loss(Enumerable.Range(0, samples).ToArray(), 0, 0).Total.backward();
    }

    // Growth of the largest resident set, bytes.
    private static long Peak(Action action)
    {
        // Tensors of their own mappings: what is freed is given back at once, so that the resident set is what is alive.
        Assert.Equal(1, mallopt(MmapThreshold, 64 << 10));
        GC.Collect();
        GC.WaitForPendingFinalizers();
        malloc_trim(0);
        File.WriteAllText("/proc/self/clear_refs", "5");
        var before = Status("VmHWM:");
        action();
        return Status("VmHWM:") - before;
    }

    private static long Status(string key) =>
        long.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith(key, StringComparison.Ordinal))[key.Length..^3], CultureInfo.InvariantCulture) * 1024;

    [LibraryImport("libc")]
    private static partial int malloc_trim(nint pad);

    [LibraryImport("libc")]
    private static partial int mallopt(int parameter, int value);
}
