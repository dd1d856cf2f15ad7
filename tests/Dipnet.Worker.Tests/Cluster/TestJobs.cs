using Dipnet.Protos;

namespace Dipnet.Worker.Tests.Cluster;

/// <summary>Jobs that take a second.</summary>
internal static class TestJobs
{
    public static JobSpec Vit(uint steps = 6, uint microbatches = 4) => new()
    {
        Name = "test",
        Model = new ModelSpec { Kind = "vit", Depth = 2, Dim = 16, Heads = 2, Patch = 4, MlpRatio = 2 },
        Dipnet = new DipnetSpec { Enabled = true, Sigma = 0.1f, Alpha = 1e-4f, Beta = 1e-5f, Gamma = 0.1f, Trajectories = 2, Where = "blocks", Input = true },
        Data = new DataSpec { Name = "digits", Limit = 200 },
        Optimizer = new OptimizerSpec { Weights = AdamW(1e-3f, 0.01f), Projections = AdamW(1e-2f, 0), ClipNorm = 1 },
        Schedule = new ScheduleSpec { Kind = "cosine", WarmupSteps = 2, FinalFraction = 0.1f },
        GlobalBatch = 8 * microbatches / 2,
        Microbatches = microbatches,
        Steps = steps,
        Precision = "fp32",
        ThreadsPerWorker = 1,
        Seed = 42,
        Eval = new EvalSpec { Trajectories = 2, Samples = 70, AttackSamples = 40, NoiseSigma = 0.1f, AttackEpsilon = 0.05f, AttackSteps = 2 },
        Checkpoint = new CheckpointSpec(),
        Exchange = new ExchangeSpec { Transport = "auto", Wire = "fp32", BucketMib = 1 },
    };

    private static OptimizerGroup AdamW(float rate, float decay) =>
        new() { Kind = "adamw", LearningRate = rate, WeightDecay = decay, Beta1 = 0.9f, Beta2 = 0.999f, Epsilon = 1e-8f };
}
