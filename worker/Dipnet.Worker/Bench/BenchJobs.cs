using Dipnet.Protos;
using Dipnet.Worker.Data;

namespace Dipnet.Worker.Bench;

/// <summary>The vision transformer that benchmarks train: 28 × 28 random images, patches of 4 pixels, 49 tokens, heads of 64.</summary>
internal static class BenchJobs
{
    private const int Side = 28;

    /// <summary>Random images that there are.</summary>
    public const int Samples = 4096;

    /// <summary>A job without projections that never ends by itself.</summary>
    /// <param name="width">A multiple of 64.</param>
    /// <param name="depth">Blocks.</param>
    /// <param name="batch">Samples a worker.</param>
    /// <param name="microbatches">Leaves a worker; divides <paramref name="batch"/>.</param>
    public static JobSpec Vit(int width, int depth, int batch, int workers, int microbatches = 1) => new()
    {
        Name = "bench",
        Model = new ModelSpec { Kind = "vit", Depth = (uint)depth, Dim = (uint)width, Heads = (uint)(width / 64), Patch = 4, MlpRatio = 4 },
        Dipnet = new DipnetSpec(),
        Data = new DataSpec { Name = "random" },
        Optimizer = new OptimizerSpec { Weights = AdamW(0.01f), Projections = AdamW(0) },
        Schedule = new ScheduleSpec { Kind = "constant" },
        GlobalBatch = (uint)(batch * workers),
        Microbatches = (uint)(microbatches * workers),
        Workers = new WorkersSpec { Count = (uint)workers },
        Steps = 1_000_000,
        Precision = "fp32",
        ThreadsPerWorker = 1,
        Seed = 1,
        Eval = new EvalSpec { Trajectories = 1 },
        Checkpoint = new CheckpointSpec(),
        Exchange = new ExchangeSpec { Transport = "auto", Wire = "fp32", BucketMib = 4 },
    };

    /// <summary>Random pixels and labels, always the same.</summary>
    public static DataSet RandomImages()
    {
        var random = new Random(1);
        var pixels = new byte[Samples * Side * Side];
        random.NextBytes(pixels);
        var labels = Enumerable.Range(0, Samples).Select(_ => (byte)random.Next(10)).ToArray();
        var set = new ImageSet(1, Side, Side, 10, 255, pixels, labels);
        return new DataSet(set, set.Take(1));
    }

    private static OptimizerGroup AdamW(float decay) =>
        new() { Kind = "adamw", LearningRate = 1e-3f, WeightDecay = decay, Beta1 = 0.9f, Beta2 = 0.999f, Epsilon = 1e-8f };
}
