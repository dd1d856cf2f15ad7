using Dipnet.Modules.Language;
using Dipnet.Protos;
using Dipnet.Worker.Checkpoints;

namespace Dipnet.Worker.Language;

/// <summary>A language model with its tokenizer, from wherever a user has one. On the CPU, fp32.</summary>
internal sealed class ModelSource : IDisposable
{
    private ModelSource(string path, DecoderModel model, TextTokenizer tokenizer, JobSpec? job, string? warning) =>
        (Path, Model, Tokenizer, Job, Warning) = (path, model, tokenizer, job, warning);

    /// <summary>The file or folder that the weights came from.</summary>
    public string Path { get; }

    public DecoderModel Model { get; }

    public TextTokenizer Tokenizer { get; }

    /// <summary>The job that trained the model; null for a model folder or file.</summary>
    public JobSpec? Job { get; }

    /// <summary>Newer checkpoints that were passed over, and why; null: none.</summary>
    public string? Warning { get; }

    /// <summary>Opens a run folder (its newest whole checkpoint), a checkpoint folder, a Hugging Face folder, a PEFT folder of adapters or a llama2.c file (.bin).</summary>
    /// <param name="path">One of these.</param>
    /// <param name="tokenizer">File or folder; null: the job's, or the one beside the model.</param>
    /// <exception cref="ArgumentException">The path is none of these, or its model is no language model.</exception>
    /// <exception cref="ModelFormatException">Model or tokenizer files are missing or not what they should be.</exception>
    /// <exception cref="CheckpointException">No checkpoint is whole.</exception>
    public static ModelSource Open(string path, string? tokenizer)
    {
        if (File.Exists(path))
        {
            return OfFiles(path, System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!, tokenizer);
        }

        if (AdapterFolder.IsPresent(path))
        {
            return OfAdapters(path, tokenizer);
        }

        if (File.Exists(System.IO.Path.Combine(path, DecoderConfigFile.FileName)))
        {
            return OfFiles(path, path, tokenizer);
        }

        if (File.Exists(System.IO.Path.Combine(path, Manifest.FileName)))
        {
            return OfCheckpoint(path, tokenizer, null);
        }

        return System.IO.Path.Combine(path, "checkpoints") is var checkpoints && Directory.Exists(checkpoints)
            ? OfRun(path, checkpoints, tokenizer)
            : throw new ArgumentException(Directory.Exists(path)
                ? $"{path}: is no model; looked for {DecoderConfigFile.FileName} (Hugging Face folder), adapter_config.json (PEFT), {Manifest.FileName} (checkpoint) and checkpoints/ (run)"
                : $"{path}: no such file or folder");
    }

    public void Dispose() => Model.Dispose();

    private static ModelSource OfFiles(string path, string folder, string? tokenizer)
    {
        var texts = TokenizerFiles.Load(tokenizer ?? folder);
        return new ModelSource(path, Directory.Exists(path) ? DecoderFolder.Load(path) : Llama2cFile.Load(path), texts, null, null);
    }

    private static ModelSource OfAdapters(string folder, string? tokenizer)
    {
        var named = AdapterFolder.BaseModel(folder);
        if (named is null || !System.IO.Path.Exists(named))
        {
            throw new ArgumentException(
                $"{folder}: its base model is {named ?? "not named"}; base_model_name_or_path of adapter_config.json must be a folder or file on this machine");
        }

        var plain = OfFiles(named, File.Exists(named) ? System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(named))! : named, tokenizer);
        try
        {
            AdapterFolder.Load(plain.Model, folder);
        }
        catch
        {
            plain.Dispose();
            throw;
        }

        return new ModelSource(folder, plain.Model, plain.Tokenizer, null, null);
    }

    private static ModelSource OfRun(string run, string checkpoints, string? tokenizer)
    {
        var passedOver = new List<string>();
        foreach (var folder in Directory.EnumerateDirectories(checkpoints, "step-*").OrderDescending(StringComparer.Ordinal)
            .Where(f => File.Exists(System.IO.Path.Combine(f, Manifest.FileName))))
        {
            try
            {
                return OfCheckpoint(folder, tokenizer, passedOver.Count > 0 ? string.Join(Environment.NewLine, passedOver) : null);
            }
            catch (CheckpointException e)
            {
                passedOver.Add(e.Message);
            }
        }

        throw new CheckpointException(passedOver.Count > 0 ? string.Join(Environment.NewLine, passedOver) : $"{run}: has no checkpoint yet");
    }

    private static ModelSource OfCheckpoint(string folder, string? tokenizer, string? warning)
    {
        var job = Manifest.Read(folder).Job;
        if (job.Model.Kind is not ("llama" or "gpt2" or "hugging-face"))
        {
            throw new ArgumentException($"{folder}: its model is of kind {job.Model.Kind}; text needs a language model (llama, gpt2, hugging-face)");
        }

        var texts = tokenizer is null ? LanguageModels.Tokenizer(job) : TokenizerFiles.Load(tokenizer);
        var model = LanguageModels.Build(job, texts);
        try
        {
            CheckpointWeights.Fill(folder, model);
        }
        catch
        {
            model.Dispose();
            throw;
        }

        return new ModelSource(folder, model, texts, job, warning);
    }
}
