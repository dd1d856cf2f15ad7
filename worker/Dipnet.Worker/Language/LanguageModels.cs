using Dipnet.Modules;
using Dipnet.Modules.Language;
using Dipnet.Protos;
using Dipnet.Worker.Training;

namespace Dipnet.Worker.Language;

/// <summary>Builds the model and the tokenizer that a language job names.</summary>
internal static class LanguageModels
{
    /// <summary>
    /// The job's model on the CPU in fp32: weights from <c>model.path</c> or fresh from the seed, with projections and adapters as the job says. What is not
    /// trained has no gradient.
    /// </summary>
    /// <exception cref="ArgumentException">The job's keys do not fit the model; the message names key, value, rule.</exception>
    /// <exception cref="ModelFormatException">The model's files are not what they should be.</exception>
    public static DecoderModel Build(JobSpec job, TextTokenizer tokenizer)
    {
        var projections = ProjectionSettings.Of(job.Dipnet);
        var model = job.Model.Path.Length > 0 ? Pretrained(job, projections) : Fresh(job, tokenizer, projections);
        try
        {
            Check(job, model.Config, tokenizer);
            if (projections is null)
            {
                // Those that came with the folder: the job trains the plain model.
                foreach (var (_, projection) in model.Projections)
                {
                    projection.rho.requires_grad_(false);
                }
            }

            if (job.Lora is { Enabled: true } lora)
            {
                var targets = lora.Targets.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                model.AttachAdapters(new AdapterOptions((int)lora.Rank, lora.Alpha, targets), job.Seed);
            }

            model.CheckpointBlocks = job.ActivationCheckpointing;
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The tokenizer that <c>model.tokenizer</c> names, else the one beside the model; a fresh model without one reads bytes.
    /// </summary>
    /// <exception cref="ModelFormatException">There is none, or it is not what its format says.</exception>
    public static TextTokenizer Tokenizer(JobSpec job) => (job.Model.Tokenizer, job.Model.Path) switch
    {
        ({ Length: > 0 } given, _) => TokenizerFiles.Load(given),
        (_, { Length: > 0 } path) => TokenizerFiles.Load(File.Exists(path) ? Path.GetDirectoryName(Path.GetFullPath(path))! : path),
        _ => new ByteTokenizer(),
    };

    private static DecoderModel Pretrained(JobSpec job, ProjectionOptions? projections)
    {
        var path = job.Model.Path;
        var model = Directory.Exists(path) ? DecoderFolder.Load(path, projections)
            : File.Exists(path) ? Llama2cFile.Load(path, projections)
            : throw new ArgumentException($"model.path \"{path}\": must be a folder with config.json or a llama2.c file on the worker's host");
        if (job.Model.Kind != "hugging-face" && KindOf(model.Config) is var kind && kind != job.Model.Kind)
        {
            model.Dispose();
            throw new ArgumentException($"model.kind \"{job.Model.Kind}\": the model at {path} is of kind {kind}");
        }

        return model;
    }

    private static DecoderModel Fresh(JobSpec job, TextTokenizer tokenizer, ProjectionOptions? projections)
    {
        var model = DecoderModel.Create(FreshShape(job.Model, tokenizer), job.Seed);
        if (projections is not null)
        {
            model.AddProjections(projections);
        }

        return model;
    }

    /// <summary>Shape of a model that is trained from scratch.</summary>
    public static DecoderConfig FreshShape(ModelSpec spec, TextTokenizer tokenizer)
    {
        var llama = spec.Kind == "llama";
        return new DecoderConfig
        {
            Family = llama ? DecoderFamily.Llama : DecoderFamily.Gpt2,
            ModelType = spec.Kind,
            VocabularySize = tokenizer.VocabularySize,
            Width = (int)spec.Dim,
            HiddenWidth = llama ? (int)spec.HiddenDim : (int)(spec.Dim * spec.MlpRatio),
            Layers = (int)spec.Depth,
            Heads = (int)spec.Heads,
            KeyValueHeads = llama ? (int)spec.KvHeads : (int)spec.Heads,
            HeadWidth = (int)(spec.Dim / spec.Heads),
            Context = (int)spec.Context,
            TiedHead = true,
            QueryKeyValueBias = !llama,
            OutputBias = !llama,
            FeedForwardBias = !llama,
            BeginToken = tokenizer.BeginToken,
            EndTokens = tokenizer.EndTokens,
        };
    }

    private static string KindOf(DecoderConfig config) => config.Family == DecoderFamily.Gpt2 ? "gpt2" : "llama";

    private static void Check(JobSpec job, DecoderConfig config, TextTokenizer tokenizer)
    {
        if (job.Model.Context > config.Context)
        {
            throw new ArgumentException($"model.context {job.Model.Context}: the model at {job.Model.Path} has a context of {config.Context} tokens");
        }

        if (tokenizer.VocabularySize > config.VocabularySize)
        {
            throw new ArgumentException(
                $"model.tokenizer: has {tokenizer.VocabularySize} tokens, the model at {job.Model.Path} {config.VocabularySize}; they do not belong together");
        }
    }
}
