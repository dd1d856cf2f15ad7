using Dipnet.Modules.Language;
using Dipnet.Worker.Language;
using static TorchSharp.torch;

namespace Dipnet.Worker.Tests.Language;

public sealed class ModelSourceTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_FolderOfAdapters_PutsThemOnTheBaseModel()
    {
        var (plain, adapters) = (_folder.File("plain"), _folder.File("adapters"));
        using var model = Model();
        DecoderFolder.Save(model, plain);
        ByteTokenizerFile.Write(plain);
        model.AttachAdapters(new AdapterOptions(2, 4, ["q_proj", "down_proj"]), seed: 3);
        using (no_grad())
        {
            foreach (var (_, parameter) in model.named_parameters().Where(p => p.name.EndsWith("lora_B.weight", StringComparison.Ordinal)))
            {
                parameter.fill_(0.1f);
            }
        }

        AdapterFolder.Save(model, adapters, plain);

        using var opened = ModelSource.Open(adapters, null);
        using var without = ModelSource.Open(plain, null);
        Assert.Equal(Logits(model), Logits(opened.Model));
        Assert.NotEqual(Logits(model), Logits(without.Model));
        Assert.Equal(258, opened.Tokenizer.VocabularySize);
    }

    [Fact]
    public void Open_AdaptersWhoseBaseModelIsElsewhere_IsAnErrorThatNamesIt()
    {
        using var model = Model();
        model.AttachAdapters(new AdapterOptions(2, 4, ["q_proj"]), seed: 3);
        AdapterFolder.Save(model, _folder.File("adapters"), "someone/large");
        var error = Assert.Throws<ArgumentException>(() => ModelSource.Open(_folder.File("adapters"), null));
        Assert.Contains("its base model is someone/large", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FolderWithoutAModel_IsAnErrorThatSaysWhatWasLookedFor()
    {
        var error = Assert.Throws<ArgumentException>(() => ModelSource.Open(_folder.Path, null));
        Assert.Contains("config.json (Hugging Face folder), adapter_config.json (PEFT), manifest.json (checkpoint) and checkpoints/ (run)", error.Message, StringComparison.Ordinal);
    }

    private static DecoderModel Model() => DecoderModel.Create(
        new DecoderConfig
        {
            Family = DecoderFamily.Llama,
            ModelType = "llama",
            VocabularySize = 258,
            Width = 8,
            HiddenWidth = 16,
            Layers = 1,
            Heads = 2,
            KeyValueHeads = 1,
            HeadWidth = 4,
            Context = 16,
            TiedHead = true,
        },
        seed: 1);

    private static float[] Logits(DecoderModel model)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        return model.call(tensor(new long[] { 3, 1, 4, 1, 5 }).unsqueeze(0)).data<float>().ToArray();
    }
}
