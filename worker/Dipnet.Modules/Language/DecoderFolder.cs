using Dipnet.Modules.Files;
using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>
/// Loads and saves a model as a Hugging Face folder: config.json, model.safetensors (or shards with an index), and
/// projections.safetensors for the projections, which the usual loaders do not look at.
/// </summary>
public static class DecoderFolder
{
    /// <summary>Builds the model of a folder in fp32. Every tensor must be there, have its shape, and belong to the model.</summary>
    /// <param name="folder">With config.json and safetensors.</param>
    /// <param name="projections">Where projections stand and their σ when the folder has no file for them; null: only those that the folder has.</param>
    /// <exception cref="ModelFormatException">The configuration is not supported, or a tensor is missing, extra or misshapen.</exception>
    public static DecoderModel Load(string folder, ProjectionOptions? projections = null)
    {
        var config = DecoderConfigFile.Read(Path.Combine(folder, DecoderConfigFile.FileName));
        using var files = SafetensorsFolder.Open(folder);
        var model = new DecoderModel(config);
        try
        {
            DecoderTensors.Fill(model, files, folder);
            ProjectionsFile.Load(model, folder, projections);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Writes config.json, model.safetensors and, with projections, projections.safetensors. Adapters are merged.</summary>
    /// <param name="model">fp32 parameters.</param>
    /// <param name="folder">Made when absent.</param>
    /// <param name="type">F32 (exact) or BF16 (half the bytes, rounded).</param>
    public static void Save(DecoderModel model, string folder, SafetensorsType type = SafetensorsType.F32)
    {
        var name = type switch
        {
            SafetensorsType.F32 => "float32",
            SafetensorsType.BF16 => "bfloat16",
            _ => throw new ArgumentException($"{type.HeaderName()} is not a type for saved models; F32 and BF16 are", nameof(type)),
        };
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, DecoderConfigFile.FileName), DecoderConfigFile.Format(model.Config, name) + "\n");
        using var scope = NewDisposeScope();
        TensorFile.Write(Path.Combine(folder, SafetensorsFolder.SingleFile), DecoderTensors.Merged(model), type, new Dictionary<string, string> { ["format"] = "pt" });
        ProjectionsFile.Save(model, folder);
    }
}
