using Dipnet.Protos;
using Dipnet.Worker.Tests.Cluster;

namespace Dipnet.Worker.Tests.Language;

/// <summary>Jobs with a small Llama that take a second or two.</summary>
internal static class LanguageJobs
{
    public static JobSpec Arithmetic()
    {
        var job = TestJobs.Vit();
        job.Model = new ModelSpec { Kind = "llama", Depth = 2, Dim = 16, Heads = 2, KvHeads = 1, HiddenDim = 32, Context = 192 };
        job.Dipnet = new DipnetSpec { Enabled = true, Sigma = 0.05f, Alpha = 1e-4f, Beta = 1e-5f, Trajectories = 1, Where = "blocks" };
        job.Data = new DataSpec { Name = "arithmetic", Level = 1 };
        job.Eval = new EvalSpec { Trajectories = 2, Samples = 3, TypoRate = 0.05f };
        return job;
    }

    /// <summary>The job with low-rank adapters in place of full training.</summary>
    public static JobSpec WithAdapters(JobSpec job)
    {
        job.Lora = new LoraSpec { Enabled = true, Rank = 2, Alpha = 4, Targets = "q_proj,v_proj" };
        return job;
    }

    public static JobSpec Jsonl(string path)
    {
        var job = Arithmetic();
        job.Data = new DataSpec { Name = "jsonl", Path = path, Format = "prompt-completion" };
        job.Model.Context = 40;
        return job;
    }
}
