using System.Text.RegularExpressions;
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

    [Theory]
    [InlineData("stories260K/stories260K.bin")]
    [InlineData("stories260K/hf")]
    public void Load_WithProjections_GivesAModelThatDrawsNoise(string name)
    {
        if (!TestData.TryFind(name, out var path))
        {
            return;
        }
        var options = new ProjectionOptions { Sigma = 0.1f };
        using var model = Directory.Exists(path) ? DecoderFolder.Load(path, options) : Llama2cFile.Load(path, options);
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var tokens = tensor([1L, 403, 407]).unsqueeze(0);
        var plain = model.call(tokens);
        using var noise = NoiseScope.Begin(new NoiseKey(1, 0, 0));
        Assert.NotEqual(plain.data<float>().ToArray(), model.call(tokens).data<float>().ToArray());
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

    // The sample's stories begin with one of two phrases behind an empty line; twelve of them, cut to 256 tokens with the begin token: 2302 predicted tokens.
    [Fact]
    public void Likelihood_OfTinyStories_IsTheReference()
    {
        if (!TestData.TryFind("stories260K/tok512.bin", out var tokens) || !TestData.TryFind("stories260K/hf", out var folder)
            || !TestData.TryFind("tinystories/tinystories_sample.txt", out var sample))
        {
            return;
        }
        var tokenizer = Llama2cTokenizer.Load(tokens);
        using var model = DecoderFolder.Load(folder);
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var (sum, count) = (0.0, 0L);
        foreach (var story in Regex.Split(File.ReadAllText(sample), @"(?:(?<=\n\n)|^)(?=Once upon a time|One day)").Where(s => s.Length > 0).Take(12))
        {
            var ids = tensor(tokenizer.Encode(story.Trim(), begin: true).Take(256).Select(t => (long)t).ToArray());
            count += ids.shape[0] - 1;
            sum += nn.functional.cross_entropy(model.call(ids.unsqueeze(0))[0][..^1], ids[1..], reduction: nn.Reduction.Sum).item<float>();
        }
        Assert.Equal(2302, count);
        Assert.Equal(1.370, sum / count, 0.004);
    }
}
