using System.Text.Json.Nodes;
using Dipnet.Modules.Files;
using Dipnet.Modules.Language;
using static TorchSharp.torch;

namespace Dipnet.Modules.Tests.Language;

public sealed class AdapterFolderTests : IDisposable
{
    const string First = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight";

    static readonly AdapterOptions s_options = new(4, 6.5, ["q_proj", "down_proj"]);

    readonly string _folder = Directory.CreateTempSubdirectory("adapters-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static DecoderModel Adapted(string type = "llama", ProjectionOptions? projections = null) =>
        SmallDecoders.Create(type, projections, type == "gpt2" ? s_options with { Targets = ["c_attn", "mlp.c_proj"] } : s_options);

    [Theory]
    [InlineData("llama", true)]
    [InlineData("qwen2", false)]
    [InlineData("gpt2", true)]
    public void SavedAdapters_LoadedOntoTheBase_GiveTheSameLogits(string type, bool projections)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        using var model = Adapted(type, projections ? new ProjectionOptions { Sigma = 0.03f, Where = ProjectionPlace.Sublayers } : null);
        AdapterFolder.Save(model, _folder, "some/base");
        using var again = SmallDecoders.Create(type);
        AdapterFolder.Load(again, _folder);
        Assert.Equal(model.Adapters, again.Adapters);
        Assert.True(Bits.Same(model.call(SmallDecoders.Tokens()), again.call(SmallDecoders.Tokens())));
        Assert.Equal(model.Projections.Count, again.Projections.Count);
        Assert.All(model.Projections.Zip(again.Projections), p => Assert.True(Bits.Same(p.First.Projection.rho, p.Second.Projection.rho)));
    }

    [Theory]
    [InlineData("llama", "model.layers.1.mlp.down_proj", 48, 32, false)]
    [InlineData("gpt2", "transformer.h.1.mlp.c_proj", 48, 32, true)]
    public void Save_Files_HaveThePeftLayout(string type, string layer, long inputs, long outputs, bool fanInFanOut)
    {
        using var model = Adapted(type);
        AdapterFolder.Save(model, _folder, "some/base");
        using var file = SafetensorsFile.Open(Path.Combine(_folder, "adapter_model.safetensors"));
        Assert.Equal(8, file.Entries.Count);
        Assert.Equal([4, inputs], file[$"base_model.model.{layer}.lora_A.weight"].Shape);
        Assert.Equal([outputs, 4], file[$"base_model.model.{layer}.lora_B.weight"].Shape);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "adapter_config.json")))!;
        Assert.Equal("LORA", (string)config["peft_type"]!);
        Assert.Equal("CAUSAL_LM", (string)config["task_type"]!);
        Assert.Equal(4, (int)config["r"]!);
        Assert.Equal(6.5, (double)config["lora_alpha"]!);
        Assert.Equal("some/base", (string)config["base_model_name_or_path"]!);
        Assert.Equal(fanInFanOut, (bool)config["fan_in_fan_out"]!);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("mistral")]
    [InlineData("gpt2")]
    public void MergedFolder_LoadedAsAPlainModel_GivesTheAdaptersLogits(string type)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        using var model = Adapted(type);
        DecoderFolder.Save(model, _folder);
        using var merged = DecoderFolder.Load(_folder);
        using var plain = SmallDecoders.Create(type);
        var logits = model.call(SmallDecoders.Tokens());
        Assert.Null(merged.Adapters);
        Assert.Equal(plain.named_parameters().Select(p => p.name), merged.named_parameters().Select(p => p.name));
        Assert.InRange((merged.call(SmallDecoders.Tokens()) - logits).abs().max().item<float>(), 0, 1e-5f);
        Assert.True((plain.call(SmallDecoders.Tokens()) - logits).abs().max().item<float>() > 1e-3f);

        // Once merged, nothing more is rounded.
        var second = Path.Combine(_folder, "second");
        DecoderFolder.Save(merged, second);
        Assert.Equal(File.ReadAllBytes(Path.Combine(_folder, "model.safetensors")), File.ReadAllBytes(Path.Combine(second, "model.safetensors")));
    }

    [Fact]
    public void Load_WrongTensors_AreAllNamed()
    {
        using var model = Adapted();
        AdapterFolder.Save(model, _folder);
        Rewrite(entry => entry switch
        {
            First => ("surplus", [1]),
            "base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight" => (entry, [32, 3]),
            _ => null,
        });
        using var plain = SmallDecoders.Create("llama");
        var message = Assert.Throws<SafetensorsException>(() => AdapterFolder.Load(plain, _folder)).Message;
        Assert.Contains($"'{First}' is missing", message);
        Assert.Contains("'base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight' is [32, 3], it must be [32, 4]", message);
        Assert.Contains("'surplus' does not belong here", message);
    }

    [Theory]
    [InlineData("peft_type", "\"IA3\"", "peft_type: 'IA3' is not supported; supported is LORA")]
    [InlineData("r", "0", "r: ")]
    [InlineData("lora_alpha", "null", "lora_alpha: must be given")]
    [InlineData("lora_alpha", "-1", "Alpha = -1: must be finite and above 0")]
    [InlineData("bias", "\"all\"", "bias: ")]
    [InlineData("use_dora", "true", "use_dora: is not supported")]
    [InlineData("modules_to_save", "[\"lm_head\"]", "modules_to_save: is not supported")]
    [InlineData("target_modules", "\"all-linear\"", "target_modules: must be a list of layer names")]
    [InlineData("target_modules", "[\"c_attn\"]", "Targets = c_attn: the model has no such layer; it has q_proj")]
    [InlineData("fan_in_fan_out", "true", "fan_in_fan_out: must be false for a model of the family Llama")]
    public void Load_WrongConfiguration_IsNamedAndLeavesTheModelAsItWas(string key, string value, string expected)
    {
        using var model = Adapted();
        AdapterFolder.Save(model, _folder);
        var path = Path.Combine(_folder, "adapter_config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!;
        config[key] = JsonNode.Parse(value);
        File.WriteAllText(path, config.ToJsonString());
        using var plain = SmallDecoders.Create("llama");
        var message = Assert.Throws<ModelFormatException>(() => AdapterFolder.Load(plain, _folder)).Message;
        Assert.StartsWith(path, message);
        Assert.Contains(expected, message);
        Assert.Null(plain.Adapters);
        Assert.All(plain.parameters(), p => Assert.True(p.requires_grad));
    }

    // The file again with zeros, tensors renamed or reshaped where the change says so.
    void Rewrite(Func<string, (string, long[])?> change)
    {
        var path = Path.Combine(_folder, AdapterFolder.AdaptersFile);
        List<(string Name, Tensor Tensor)> tensors = [];
        using (var file = SafetensorsFile.Open(path))
        {
            tensors.AddRange(file.Entries.Select(e => change(e.Name) is var (name, shape) ? (name, zeros(shape)) : (e.Name, zeros([.. e.Shape]))));
        }
        TensorFile.Write(path, tensors, SafetensorsType.F32);
    }
}
