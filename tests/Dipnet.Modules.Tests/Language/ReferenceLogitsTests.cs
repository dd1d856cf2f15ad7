using System.Text.Json;
using Dipnet.Modules.Files;
using Dipnet.Modules.Language;
using static TorchSharp.torch;

namespace Dipnet.Modules.Tests.Language;

/// <summary>
/// Folders as other programs write them, beside the logits of an implementation of its own in fp64 (PyTorch, from the papers and the meaning of config.json).
/// reference-logits.json has each config.json, the names and shapes of its tensors, and the logits of the last of 20 tokens; elements are a function of the
/// tensor's place in name order and their own index.
/// </summary>
public sealed class ReferenceLogitsTests : IDisposable
{
    static readonly Dictionary<string, JsonElement> s_cases =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Language", "reference-logits.json"))).RootElement
            .EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!);

    readonly string _folder = Directory.CreateTempSubdirectory("reference-").FullName;

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Folder_LoadedSavedLoaded_GivesTheReferenceLogits(string name)
    {
        var expected = s_cases[name].GetProperty("logits").EnumerateArray().Select(l => l.GetSingle()).ToArray();
        WriteFolder(s_cases[name]);
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        using var model = DecoderFolder.Load(_folder);
        var logits = model.call(Tokens(20));
        Assert.True((logits[0, 19] - tensor(expected)).abs().max().item<float>() <= 1e-4f);

        File.Delete(Path.Combine(_folder, SafetensorsFolder.IndexFile));
        DecoderFolder.Save(model, _folder);
        using var again = DecoderFolder.Load(_folder);
        Assert.True(Bits.Same(logits, again.call(Tokens(20))));
    }

    [Fact]
    public void DynamicScaling_AfterALongText_TreatsAShortOneAsBefore()
    {
        WriteFolder(s_cases["llama: dynamic scaling beyond the context"]);
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        using var model = DecoderFolder.Load(_folder);
        var before = model.call(Tokens(10));
        model.call(Tokens(20));
        Assert.True(Bits.Same(before, model.call(Tokens(10))));
    }

    static Tensor Tokens(int count) => tensor(Enumerable.Range(0, count).Select(i => (long)((i * 11 + 5) % 32)).ToArray()).unsqueeze(0);

    // Two shards with an index.
    void WriteFolder(JsonElement reference)
    {
        using var scope = NewDisposeScope();
        var gpt2 = reference.GetProperty("config").GetProperty("model_type").GetString() == "gpt2";
        var tensors = reference.GetProperty("tensors").EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal)
            .Select((p, i) => (p.Name, Tensor: Values(p.Name, i, [.. p.Value.EnumerateArray().Select(d => d.GetInt64())], gpt2))).ToList();
        var type = Enum.Parse<SafetensorsType>(reference.GetProperty("stored").GetString()!);
        var map = new Dictionary<string, string>();
        foreach (var shard in tensors.Select((t, i) => (Tensor: t, File: $"model-0000{1 + i % 2}-of-00002.safetensors")).GroupBy(t => t.File, t => t.Tensor))
        {
            TensorFile.Write(Path.Combine(_folder, shard.Key), [.. shard], type);
            foreach (var (name, _) in shard)
            {
                map[name] = shard.Key;
            }
        }
        File.WriteAllText(Path.Combine(_folder, SafetensorsFolder.IndexFile), JsonSerializer.Serialize(new { weight_map = map }));
        File.WriteAllText(Path.Combine(_folder, DecoderConfigFile.FileName), reference.GetProperty("config").GetRawText());
    }

    static Tensor Values(string name, int place, long[] shape, bool inputsFirst)
    {
        var inputs = shape[inputsFirst && name != "lm_head.weight" ? 0 : ^1];
        double Scaled(double uniform) => name switch
        {
            _ when name.EndsWith("bias", StringComparison.Ordinal) => 0.6 * uniform,
            _ when shape.Length == 1 => 1 + 0.6 * uniform,
            _ when name.Contains("embed") || name.Contains("wte") => 3.4 * uniform,
            _ when name.Contains("wpe") => 1.7 * uniform,
            _ => 4.5 * uniform / Math.Sqrt(inputs),
        };
        var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)Scaled(Uniform((uint)place, (uint)i));
        }
        return tensor(values, shape);
    }

    // In [-1/2, 1/2).
    static double Uniform(uint place, uint index)
    {
        var h = index * 2654435761u + place * 2246822519u + 12345u;
        h = (h ^ h >> 15) * 2246822519u;
        h = (h ^ h >> 13) * 3266489917u;
        return ((h ^ h >> 16) >> 8) / 16777216.0 - 0.5;
    }
}
