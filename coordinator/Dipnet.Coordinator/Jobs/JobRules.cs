using System.Numerics;
using Dipnet.Protos;

namespace Dipnet.Coordinator.Jobs;

/// <summary>The rules that a resolved job keeps. Pure.</summary>
public static class JobRules
{
    /// <summary>
    /// Every rule that a job breaks which did not come through <see cref="JobFile"/>, e.g. over gRPC. A missing group counts as all zero.
    /// The error's file is <c>job</c>.
    /// </summary>
    public static IReadOnlyList<JobFileError> Validate(JobSpec job)
    {
        var whole = JobSpecs.Complete(job);
        var errors = new List<JobFileError>();
        foreach (var key in JobKeys.All)
        {
            var value = key.Read(whole);
            var rule = key.Check(value);
            if (rule.Length > 0)
            {
                errors.Add(new("job", 0, key.Path, JobKey.Format(value), rule));
            }
        }

        var wrong = errors.Select(error => error.Key).ToHashSet();
        errors.AddRange(Broken(whole)
            .Where(broken => !broken.Keys.Any(wrong.Contains))
            .Select(broken => new JobFileError("job", 0, broken.Keys[0], JobKey.Format(JobKeys.Find(broken.Keys[0])!.Read(whole)), broken.Rule)));
        return errors;
    }

    /// <summary>The rules between keys, and those of text, that do not hold.</summary>
    internal static IEnumerable<BrokenRule> Broken(JobSpec job) =>
        Shape(job).Concat(Model(job)).Concat(Projections(job)).Concat(Length(job)).Concat(Cluster(job)).Concat(Language(job));

    private static IEnumerable<BrokenRule> Shape(JobSpec job)
    {
        if (!JobSpecs.IsName(job.Name))
        {
            yield return new(["name"], "must be 1 to 48 letters, digits, '-', '_' or '.', beginning with a letter, a digit or '_'");
        }

        if (!BitOperations.IsPow2(job.Microbatches))
        {
            yield return new(["microbatches"], "must be a power of two");
        }
        else if (job.GlobalBatch % job.Microbatches != 0)
        {
            yield return new(["global-batch", "microbatches"], $"must be a multiple of microbatches ({job.Microbatches})");
        }
    }

    private static IEnumerable<BrokenRule> Model(JobSpec job)
    {
        var model = job.Model;
        var ownShape = model.Path.Length == 0;
        if (model.Kind is "vit" or "llama" or "gpt2" && ownShape && model.Dim % Math.Max(1, model.Heads) != 0)
        {
            yield return new(["model.heads", "model.dim"], $"must divide model.dim ({model.Dim})");
        }

        if (model.Kind == "llama" && ownShape && model.Heads % Math.Max(1, model.KvHeads) != 0)
        {
            yield return new(["model.kv-heads", "model.heads"], $"must divide model.heads ({model.Heads})");
        }

        if (model.Kind == "hugging-face" && ownShape)
        {
            yield return new(["model.path", "model.kind"], "must name a folder, because model.kind is hugging-face");
        }

        if (!ownShape && model.Kind is "vit" or "mlp")
        {
            yield return new(["model.path", "model.kind"], $"is for language models; model.kind is {model.Kind}");
        }

        var data = DataSets.Find(job.Data.Name);
        if (model.Kind == "vit" && data is { Language: false } && (model.Patch == 0 || data.ImageSide % model.Patch != 0))
        {
            yield return new(["model.patch", "data.name"], $"must divide the side of an image of {data.Name} ({data.ImageSide} pixels)");
        }

        if (data is not null && data.Language != JobKeys.LanguageModel(job))
        {
            yield return new(["data.name", "model.kind"], $"is a data set of {(data.Language ? "text" : "images")}; model.kind {model.Kind} cannot take it");
        }
    }

    private static IEnumerable<BrokenRule> Projections(JobSpec job)
    {
        if (job.Dipnet is { Enabled: true, Gamma: > 0, Trajectories: < 2 })
        {
            yield return new(["dipnet.gamma", "dipnet.trajectories"], "above 0 needs dipnet.trajectories ≥ 2");
        }

        if (job.Dipnet.Enabled && job.Dipnet.Input && JobKeys.LanguageModel(job))
        {
            yield return new(["dipnet.input", "model.kind"], $"is for images; model.kind is {job.Model.Kind}");
        }
    }

    private static IEnumerable<BrokenRule> Length(JobSpec job)
    {
        if (job.Epochs == 0 && job.Steps == 0)
        {
            yield return new(["steps", "epochs"], "exactly one of epochs and steps must be above 0");
        }
        else if (job.Epochs > 0 && JobKeys.LanguageData(job))
        {
            yield return new(["epochs", "data.name"], $"data set {job.Data.Name} is counted in steps: give steps instead");
        }
        else if (job.Epochs > 0 && job.Steps > 0 && job.Steps != JobSpecs.Steps(job))
        {
            yield return new(["steps", "epochs"], $"exactly one of epochs and steps may be given ({job.Epochs} epochs are {JobSpecs.Steps(job)} steps)");
        }
    }

    private static IEnumerable<BrokenRule> Cluster(JobSpec job)
    {
        var workers = job.Workers;
        if (workers.Minimum > workers.Count)
        {
            yield return new(["workers.minimum", "workers.count"], $"must be at most workers.count ({workers.Count})");
        }

        if (workers.Maximum > job.Microbatches)
        {
            yield return new(["workers.maximum", "microbatches"], $"must be at most microbatches ({job.Microbatches})");
        }
        else if (workers.Count > workers.Maximum)
        {
            yield return new(["workers.count", "workers.maximum", "microbatches"],
                $"must be at most workers.maximum ({workers.Maximum}), which is at most microbatches ({job.Microbatches})");
        }

        if (!JobSpecs.IsDevices(job.Devices))
        {
            yield return new(["devices"], "must be auto, cpu, or cuda: and numbers, e.g. cuda:0,1");
        }
    }

    private static IEnumerable<BrokenRule> Language(JobSpec job)
    {
        if (job.Lora.Enabled && !JobKeys.LanguageModel(job))
        {
            yield return new(["lora.enabled", "model.kind"], $"is for language models; model.kind is {job.Model.Kind}");
        }

        if (job.Lora.Enabled && job.Lora.Targets.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Length == 0)
        {
            yield return new(["lora.targets"], "must name a module");
        }

        if (job.Data.Name is "text" or "jsonl" && job.Data.Path.Length == 0)
        {
            yield return new(["data.path", "data.name"], $"must name a file, because data.name is {job.Data.Name}");
        }
    }
}
