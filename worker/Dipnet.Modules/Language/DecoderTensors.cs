using Dipnet.Modules.Files;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>Matches a model's parameters with the tensors of its files.</summary>
internal static class DecoderTensors
{
    const string Gpt2Stem = "transformer.";
    const string TiedHead = "lm_head.weight";

    /// <summary>Names of buffers that older files carry and that follow from the configuration.</summary>
    static readonly string[] s_derived = [".rotary_emb.inv_freq", ".attn.bias", ".attn.masked_bias"];

    /// <summary>Parameters of the plain model: neither projections nor adapters.</summary>
    public static IEnumerable<(string Name, Parameter Parameter)> Plain(DecoderModel model) => model.named_parameters().Where(static p =>
        !p.name.EndsWith(".rho", StringComparison.Ordinal) && !p.name.Contains(".lora_", StringComparison.Ordinal)).Select(static p => (p.name, p.parameter));

    /// <summary>Fills every parameter. Files of GPT-2 may leave out the leading "transformer.".</summary>
    public static void Fill(DecoderModel model, SafetensorsFolder files, string folder)
    {
        var bare = model.Config.Family == DecoderFamily.Gpt2 && files.Names.All(static n => !n.StartsWith(Gpt2Stem, StringComparison.Ordinal));
        string Stored(string name) => bare && name.StartsWith(Gpt2Stem, StringComparison.Ordinal) ? name[Gpt2Stem.Length..] : name;
        var parameters = Plain(model).Select(p => (Name: Stored(p.Name), p.Parameter)).ToList();
        var expected = parameters.Select(static p => p.Name).ToHashSet();
        var problems = new List<string>();
        foreach (var (name, parameter) in parameters)
        {
            if (files.Find(name) is not { } found)
            {
                problems.Add($"tensor '{name}' is missing");
            }
            else if (TensorFile.Mismatch(found.Entry, parameter) is { } mismatch)
            {
                problems.Add(mismatch);
            }
        }
        foreach (var name in files.Names.Where(n => !expected.Contains(n)).Order(StringComparer.Ordinal))
        {
            if (!s_derived.Any(d => name.EndsWith(d, StringComparison.Ordinal)) && !(name == TiedHead && model.Config.TiedHead))
            {
                problems.Add($"tensor '{name}' {files.Find(name)!.Value.Entry.ShapeText} does not belong to the model");
            }
        }
        if (problems.Count > 0)
        {
            var shown = string.Join("; ", problems.Take(8)) + (problems.Count > 8 ? $"; and {problems.Count - 8} more" : "");
            throw new ModelFormatException(folder, $"does not fit its {DecoderConfigFile.FileName}: {shown}");
        }
        foreach (var (name, parameter) in parameters)
        {
            var (file, entry) = files.Find(name)!.Value;
            TensorFile.Fill(file, entry, parameter);
        }
        if (model.Config.TiedHead && files.Find(TiedHead) is { } head)
        {
            CheckTied(model, head.File, head.Entry, folder);
        }
    }

    /// <summary>The plain model's tensors with adapters merged.</summary>
    public static List<(string Name, Tensor Tensor)> Merged(DecoderModel model)
    {
        var merged = model.DenseLayers.Where(static l => l.Layer.HasAdapter).ToDictionary(static l => l.Name + ".weight", static l => l.Layer);
        return [.. Plain(model).Select(p => (p.Name, merged.TryGetValue(p.Name, out var layer) ? layer.MergedWeight() : (Tensor)p.Parameter))];
    }

    static void CheckTied(DecoderModel model, SafetensorsFile file, SafetensorsEntry entry, string folder)
    {
        var embedding = Plain(model).First().Parameter;
        if (TensorFile.Mismatch(entry, embedding) is { } mismatch)
        {
            throw new ModelFormatException(folder, mismatch);
        }
        using var head = empty(embedding.shape);
        TensorFile.Fill(file, entry, head);
        if (!head.eq(embedding).all().item<bool>())
        {
            throw new ModelFormatException(folder, $"tensor '{TiedHead}' differs from the embedding, but tie_word_embeddings is true");
        }
    }
}
