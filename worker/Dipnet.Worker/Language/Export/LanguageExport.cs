using Dipnet.Modules.Files;
using Dipnet.Modules.Language;
using Dipnet.Worker.Checkpoints;

namespace Dipnet.Worker.Language;

/// <summary>Writes a checkpoint of a language job as a model folder that Hugging Face's loaders take.</summary>
internal static class LanguageExport
{
    /// <summary>Where the adapters alone go, below the model's folder.</summary>
    public const string AdaptersFolder = "adapters";

    /// <summary>
    /// Verifies the checkpoint, then writes config.json, model.safetensors with adapters merged, projections.safetensors where the model has projections, and
    /// the tokenizer's files.
    /// </summary>
    /// <param name="checkpoint">With manifest.json. The base model of a job that began with one must be where the job says.</param>
    /// <param name="output">Made when absent.</param>
    /// <param name="type">F32 or BF16.</param>
    /// <param name="adapters">Write the adapters alone too, in PEFT's layout.</param>
    /// <returns>Trained parameters that were put into the model.</returns>
    /// <exception cref="CheckpointException">The checkpoint is damaged, of no language model, or has no adapters where they are asked for.</exception>
    /// <exception cref="ModelFormatException">The base model's or tokenizer's files are not what they should be.</exception>
    public static int Write(string checkpoint, string output, SafetensorsType type, bool adapters)
    {
        var job = Manifest.Read(checkpoint).Job;
        if (job.Model.Kind is not ("llama" or "gpt2" or "hugging-face"))
        {
            throw new CheckpointException($"{checkpoint}: its model is of kind {job.Model.Kind}; a model folder is for llama, gpt2 and hugging-face, --output FILE for all");
        }

        if (adapters && job.Lora is not { Enabled: true })
        {
            throw new CheckpointException($"{checkpoint}: its job has no lora, so there are no adapters to write");
        }

        using var model = LanguageModels.Build(job, LanguageModels.Tokenizer(job));
        CheckpointWeights.Fill(checkpoint, model);
        DecoderFolder.Save(model, output, type);
        TokenizerCopy.Write(job, output);
        if (adapters)
        {
            AdapterFolder.Save(model, Path.Combine(output, AdaptersFolder), job.Model.Path.Length > 0 ? job.Model.Path : null);
        }

        return model.parameters().Count(static p => p.requires_grad);
    }
}
