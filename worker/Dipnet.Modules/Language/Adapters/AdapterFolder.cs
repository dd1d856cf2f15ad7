using Dipnet.Modules.Files;
using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>
/// Loads and saves a model's adapters in PEFT's layout: adapter_config.json, adapter_model.safetensors with
/// <c>base_model.model.LAYER.lora_A.weight</c> [rank, inputs] and <c>lora_B.weight</c> [outputs, rank], and projections.safetensors beside
/// them, which PEFT does not look at.
/// </summary>
public static class AdapterFolder
{
    public const string AdaptersFile = "adapter_model.safetensors";

    const string Stem = "base_model.model.";

    public static bool IsPresent(string folder) => File.Exists(Path.Combine(folder, AdapterConfigFile.FileName));

    /// <summary>The base model's name or path, as the configuration says it; null: it does not.</summary>
    /// <exception cref="ModelFormatException">The configuration is no JSON object.</exception>
    public static string? BaseModel(string folder) => AdapterConfigFile.BaseModel(Path.Combine(folder, AdapterConfigFile.FileName));

    /// <summary>Attaches the adapters of a folder to the model, whose other parameters are frozen, and loads its projections if it has any.</summary>
    /// <param name="model">The plain base model; with or without projections.</param>
    /// <param name="folder">With adapter_config.json.</param>
    /// <exception cref="ModelFormatException">The configuration is not supported or does not fit the model, which is as it was.</exception>
    /// <exception cref="SafetensorsException">Names every tensor that is missing, extra or misshapen; the model has adapters without use then.</exception>
    public static void Load(DecoderModel model, string folder)
    {
        var config = Path.Combine(folder, AdapterConfigFile.FileName);
        var options = AdapterConfigFile.Read(config, model.Config.Family);
        using var file = SafetensorsFile.Open(Path.Combine(folder, AdaptersFile));
        try
        {
            model.AttachAdapters(options, seed: 0);
        }
        catch (ArgumentException e)
        {
            throw new ModelFormatException(config, e.Message);
        }
        TensorFile.Fill(file, Tensors(model));
        ProjectionsFile.Load(model, folder, options: null);
    }

    /// <summary>Writes the adapters, fp32.</summary>
    /// <param name="model">With adapters.</param>
    /// <param name="folder">Made when absent.</param>
    /// <param name="baseModel">Name or folder of the base model, as it shall stand in the configuration; null: not said.</param>
    public static void Save(DecoderModel model, string folder, string? baseModel = null)
    {
        var options = model.Adapters ?? throw new ArgumentException("the model has no adapters", nameof(model));
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, AdapterConfigFile.FileName), AdapterConfigFile.Format(options, model.Config.Family, baseModel) + "\n");
        TensorFile.Write(Path.Combine(folder, AdaptersFile), Tensors(model), SafetensorsType.F32, new Dictionary<string, string> { ["format"] = "pt" });
        ProjectionsFile.Save(model, folder);
    }

    static IEnumerable<(string Name, Tensor Tensor)> Tensors(DecoderModel model) =>
        model.DenseLayers.Where(static l => l.Layer.HasAdapter).SelectMany(static l => l.Layer.AdapterFactors.Select(f => ($"{Stem}{l.Name}.{f.Name}", f.Tensor)));
}
