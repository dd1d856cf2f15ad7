using Dipnet.Modules.Files;
using Dipnet.Modules.Language;
using static TorchSharp.torch;

namespace Dipnet.Modules.Tests.Language;

public sealed class DecoderFolderTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("decoder-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static DecoderConfig Config(DecoderFamily family) => new()
    {
        Family = family, ModelType = family == DecoderFamily.Llama ? "qwen2" : "gpt2", VocabularySize = 50, Width = 32, HiddenWidth = 48, Layers = 2, Heads = 4,
        KeyValueHeads = family == DecoderFamily.Llama ? 2 : 4, HeadWidth = 8, Context = 40, TiedHead = family == DecoderFamily.Gpt2,
        QueryKeyValueBias = true, OutputBias = family == DecoderFamily.Gpt2, FeedForwardBias = family == DecoderFamily.Gpt2,
    };

    [Theory]
    [InlineData(DecoderFamily.Llama)]
    [InlineData(DecoderFamily.Gpt2)]
    public void SavedModel_LoadedAgain_HasEqualParameters(DecoderFamily family)
    {
        using var model = DecoderModel.Create(Config(family), 7);
        model.AddProjections(new ProjectionOptions { Sigma = 0.05f, Where = ProjectionPlace.Sublayers });
        DecoderFolder.Save(model, _folder);
        using var again = DecoderFolder.Load(_folder);
        var first = model.named_parameters().ToList();
        var second = again.named_parameters().ToList();
        Assert.Equal(first.Select(p => p.name), second.Select(p => p.name));
        Assert.All(first.Zip(second), p => Assert.True(p.First.parameter.eq(p.Second.parameter).all().item<bool>()));
    }

    [Theory]
    [InlineData(DecoderFamily.Llama)]
    [InlineData(DecoderFamily.Gpt2)]
    public void CachedForward_TokenByToken_EqualsFullForward(DecoderFamily family)
    {
        using var model = DecoderModel.Create(Config(family), 7);
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

    [Fact]
    public void Load_MissingTensors_AreNamed()
    {
        using var model = DecoderModel.Create(Config(DecoderFamily.Llama), 7);
        DecoderFolder.Save(model, _folder);
        using (var writer = SafetensorsWriter.Create(Path.Combine(_folder, SafetensorsFolder.SingleFile),
            [("model.norm.weight", SafetensorsType.F32, [3]), ("surplus", SafetensorsType.F32, [1])]))
        {
            writer.Write(new byte[16]);
            writer.Complete();
        }
        var message = Assert.Throws<ModelFormatException>(() => DecoderFolder.Load(_folder)).Message;
        Assert.Contains("'model.embed_tokens.weight' is missing", message);
    }
}
