using Dipnet.Protos;
using Dipnet.Worker.Data;
using Dipnet.Worker.Language;
using static TorchSharp.torch;

namespace Dipnet.Worker.Training;

/// <summary>Makes the workload of a job by its model's kind.</summary>
internal static class WorkloadFactory
{
    /// <exception cref="ArgumentException">Model and data do not fit together; the message names key, value, rule.</exception>
    /// <exception cref="DataException">The data set is missing or damaged.</exception>
    public static IWorkload Create(JobSpec job, Device device) => job.Model.Kind switch
    {
        "vit" or "mlp" => new ClassificationWorkload(job, DataSets.Open(job.Data), device),
        "llama" or "gpt2" or "hugging-face" => new LanguageWorkload(job, device),
        _ => throw new ArgumentException($"model.kind \"{job.Model.Kind}\": must be vit, mlp, llama, gpt2 or hugging-face"),
    };
}
