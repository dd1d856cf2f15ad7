using Dipnet.Modules.Files;
using Dipnet.Modules.Language;
using static TorchSharp.torch;

namespace Dipnet.Modules.Tests.Language;

public sealed class DecoderFolderTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("decoder-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("llama")]
    [InlineData("tied")]
    [InlineData("qwen2")]
    [InlineData("mistral")]
    [InlineData("gpt2")]
    public void SavedModel_LoadedAgain_IsEqual(string type)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        using var model = SmallDecoders.Create(type, new ProjectionOptions { Sigma = 0.05f, Where = ProjectionPlace.Sublayers });
        DecoderFolder.Save(model, _folder);
        using var again = DecoderFolder.Load(_folder);
        Assert.Equal(model.Config with { EndTokens = [] }, again.Config with { EndTokens = [] });
        Assert.Equal(model.Config.EndTokens, again.Config.EndTokens);
        var first = model.named_parameters().ToList();
        var second = again.named_parameters().ToList();
        Assert.Equal(first.Select(p => p.name), second.Select(p => p.name));
        Assert.All(first.Zip(second), p => Assert.True(Bits.Same(p.First.parameter, p.Second.parameter)));
        Assert.True(Bits.Same(model.call(SmallDecoders.Tokens()), again.call(SmallDecoders.Tokens())));
    }

    [Theory]
    [InlineData("qwen2")]
    [InlineData("gpt2")]
    public void CachedForward_TokenByToken_EqualsFullForward(string type)
    {
        using var model = SmallDecoders.Create(type);
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var tokens = tensor(Enumerable.Range(0, 20).Select(i => (long)(i * 7 % 50)).ToArray()).unsqueeze(0);
        var full = model.call(tokens);
        using var cache = new KeyValueCache(model.Config, 1, 40, CPU);
        List<Tensor> parts = [model.Hidden(new DecoderInput(tokens.narrow(1, 0, 5)), cache), model.Hidden(new DecoderInput(tokens.narrow(1, 5, 3)), cache)];
        for (var i = 8; i < 20; i++)
        {
            parts.Add(model.Hidden(new DecoderInput(tokens.narrow(1, i, 1)), cache));
        }
        Assert.True((model.Head(cat(parts, 1)) - full).abs().max().item<float>() <= 1e-5f);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    public void Load_WrongTensors_AreAllNamed(string type)
    {
        using var model = SmallDecoders.Create(type);
        DecoderFolder.Save(model, _folder);
        using (var writer = SafetensorsWriter.Create(
            Path.Combine(_folder, SafetensorsFolder.SingleFile),
            [(type == "llama" ? "model.norm.weight" : "transformer.ln_f.weight", SafetensorsType.F32, [3]), ("surplus", SafetensorsType.F32, [1])]))
        {
            writer.Write(new byte[16]);
            writer.Complete();
        }
        var message = Assert.Throws<ModelFormatException>(() => DecoderFolder.Load(_folder)).Message;
        Assert.StartsWith($"{_folder}: does not fit its config.json", message);
        Assert.Contains(type == "llama" ? "'model.embed_tokens.weight' is missing" : "'transformer.wte.weight' is missing", message);
        Assert.Contains("and ", message);
    }

    [Theory]
    [InlineData("model.layers.1.mlp.up_proj.weight", null, "tensor 'model.layers.1.mlp.up_proj.weight' is missing")]
    [InlineData("model.layers.0.self_attn.k_proj.weight", new long[] { 32, 16 }, "tensor 'model.layers.0.self_attn.k_proj.weight' is [32, 16], it must be [16, 32]")]
    [InlineData("model.layers.2.mlp.up_proj.weight", new long[] { 48, 32 }, "tensor 'model.layers.2.mlp.up_proj.weight' [48, 32] does not belong to the model")]
    public void Load_OneWrongTensor_IsNamedAlone(string name, long[]? shape, string expected)
    {
        using var scope = NewDisposeScope();
        using var model = SmallDecoders.Create("llama");
        DecoderFolder.Save(model, _folder);
        var tensors = model.named_parameters().Select(p => (Name: p.name, Tensor: (Tensor)p.parameter)).Where(p => p.Name != name).ToList();
        if (shape is not null)
        {
            tensors.Add((name, zeros(shape)));
        }
        TensorFile.Write(Path.Combine(_folder, SafetensorsFolder.SingleFile), tensors, SafetensorsType.F32);
        Assert.Equal($"{_folder}: does not fit its config.json: {expected}", Assert.Throws<ModelFormatException>(() => DecoderFolder.Load(_folder)).Message);
    }

    [Fact]
    public void Load_WrongProjections_AreNamed()
    {
        using var model = SmallDecoders.Create("llama", new ProjectionOptions());
        DecoderFolder.Save(model, _folder);
        TensorFile.Write(Path.Combine(_folder, "projections.safetensors"), [("surplus.rho", zeros(2))], SafetensorsType.F32);
        var message = Assert.Throws<SafetensorsException>(() => DecoderFolder.Load(_folder)).Message;
        Assert.Contains("'head_projection.rho' is missing", message);
        Assert.Contains("'surplus.rho' does not belong here", message);
    }
}
