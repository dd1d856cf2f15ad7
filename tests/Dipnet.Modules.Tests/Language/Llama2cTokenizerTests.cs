using Dipnet.Modules.Language;
using static TorchSharp.torch;

namespace Dipnet.Modules.Tests.Language;

public sealed class Llama2cTokenizerTests
{
    [Fact]
    public void Encode_KnownText_GivesReferenceIds()
    {
        if (TestData.TryFind("stories260K/tok512.bin", out var path))
        {
            Assert.Equal([1, 403, 407, 261, 378], Llama2cTokenizer.Load(path).Encode("Once upon a time", begin: true));
        }
    }

    [Theory]
    [InlineData("Once upon a time, there was a little girl.")]
    [InlineData("  two spaces\nand a line")]
    [InlineData("naïve 日本 🙂 {}")]
    public void Decode_OfEncoded_IsTheText(string text)
    {
        if (TestData.TryFind("stories260K/tok512.bin", out var path))
        {
            var tokenizer = Llama2cTokenizer.Load(path);
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text, begin: true)));
        }
    }

    // Ten pieces of 400 characters, every 2000 from character 5000 on, trimmed: 2461 tokens with the begin token of each.
    [Fact]
    public void Likelihood_OfShakespeare_IsTheReference()
    {
        if (!TestData.TryFind("stories260K/tok512.bin", out var path) || !TestData.TryFind("stories260K/hf", out var folder)
            || !TestData.TryFind("tinyshakespeare/input.txt", out var input))
        {
            return;
        }
        var (tokenizer, text) = (Llama2cTokenizer.Load(path), File.ReadAllText(input));
        using var model = DecoderFolder.Load(folder);
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var (sum, count) = (0.0, 0);
        for (var i = 0; i < 10; i++)
        {
            var tokens = tensor(tokenizer.Encode(text.Substring(5000 + 2000 * i, 400).Trim(), begin: true).Select(t => (long)t).ToArray());
            count += (int)tokens.shape[0];
            sum += nn.functional.cross_entropy(model.call(tokens.unsqueeze(0))[0][..^1], tokens[1..], reduction: nn.Reduction.Sum).item<float>();
        }
        Assert.Equal(2461, count);
        Assert.Equal(4.647, sum / (count - 10), 0.001);
    }
}
