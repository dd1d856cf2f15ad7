using Dipnet.Modules.Language;

namespace Dipnet.Modules.Tests.Language.Tokenizers;

public sealed class ByteTokenizerTests
{
    readonly ByteTokenizer _tokenizer = new();

    [Fact]
    public void Encode_Text_GivesItsBytes() => Assert.Equal([256, 65, 195, 169], _tokenizer.Encode("Aé", begin: true));

    [Fact]
    public void Encode_NamesOfSpecialTokens_AreTokensOnlyWhenAsked()
    {
        Assert.Equal([65, 257], _tokenizer.Encode("A<|end|>", special: true));
        Assert.Equal("A<|end|>".Length, _tokenizer.Encode("A<|end|>").Count);
    }

    [Fact]
    public void Decode_OfEncoded_IsTheText() => Assert.Equal("\0 naïve 🙂\n", _tokenizer.Decode([.. _tokenizer.Encode("\0 naïve 🙂\n", begin: true), 257]));
}
