using Dipnet.Modules.Language;
using static TorchSharp.torch;

namespace Dipnet.Modules.Tests.Language;

/// <summary>The small pretrained model against figures that another implementation gave.</summary>
public sealed class Stories260KTests
{
    [Theory]
    [InlineData("stories260K/stories260K.bin")]
    [InlineData("stories260K/hf")]
    public void GreedyText_TokenByToken_IsTheReference(string name)
    {
        if (!TestData.TryFind(name, out var path) || !TestData.TryFind("stories260K/greedy_ids.txt", out var golden))
        {
            return;
        }
        var expected = File.ReadAllText(golden).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToList();
        using var model = Directory.Exists(path) ? DecoderFolder.Load(path) : Llama2cFile.Load(path);
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var tokens = tensor(expected.Select(i => (long)i).ToArray()).unsqueeze(0);
        var predicted = model.call(tokens).argmax(-1)[0].data<long>().ToArray();
        Assert.Equal(expected.Skip(1), predicted.SkipLast(1).Select(i => (int)i));
    }

    [Fact]
    public void Logits_OfBothFileFormats_Agree()
    {
        if (!TestData.TryFind("stories260K/stories260K.bin", out var bin) || !TestData.TryFind("stories260K/hf", out var folder))
        {
            return;
        }
        using var first = Llama2cFile.Load(bin);
        using var second = DecoderFolder.Load(folder);
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var tokens = tensor([1L, 403, 407, 261, 378, 432, 383, 286]).unsqueeze(0);
        Assert.True((first.call(tokens) - second.call(tokens)).abs().max().item<float>() <= 1e-6f);
    }
}
