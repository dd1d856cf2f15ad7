using System.Text.Json.Nodes;
using Dipnet.Modules.Language;

namespace Dipnet.Modules.Tests.Language.Tokenizers;

/// <summary>
/// A SentencePiece model of 640 pieces that its own trainer made of tinyshakespeare (BPE, byte fallback, identity normalization, split digits), and the
/// tokenizer.json of it. Ids that are written out are those of the sentencepiece library and of the Hugging Face tokenizers library.
/// </summary>
public sealed class PieceTokenizerTests : IDisposable
{
    static readonly string Model = Path.Combine(AppContext.BaseDirectory, "Language", "Tokenizers", "shakespeare640.model");

    const string First = """{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":false}""";
    const string Always = """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}""";

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tokenizer");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("Hello world", new[] { 330, 430, 579, 552, 319 })]
    [InlineData("  two  spaces\n\n line \t tabs", new[] { 576, 576, 260, 592, 579, 576, 429, 580, 594, 286, 14, 14, 284, 467, 576, 13, 260, 580, 597, 582 })]
    [InlineData("naïve café 日本 🙂 {}", new[] { 283, 580, 199, 179, 300, 282, 580, 593, 199, 173, 576, 234, 155, 169, 234, 160, 176, 576, 244, 163, 157, 134, 576, 127, 129 })]
    [InlineData("12345 67.8", new[] { 576, 53, 54, 637, 56, 57, 576, 58, 59, 600, 60 })]
    [InlineData("a𝐀b", new[] { 262, 244, 161, 148, 132, 597 })]
    [InlineData(" ", new[] { 576, 576 })]
    [InlineData("", new int[0])]
    public void Encode_ModelAndItsJson_AreTheReference(string text, int[] ids)
    {
        foreach (var tokenizer in new[] { TokenizerFiles.Load(Model), Load(TokenizerFixtures.Llama(Model)) })
        {
            Assert.Equal(ids, tokenizer.Encode(text));
            Assert.Equal([1, .. ids], tokenizer.Encode(text, begin: true));
            Assert.Equal(text, tokenizer.Decode(ids));
        }
    }

    // What follows a token gets the mark of a text's beginning, or not.
    [Theory]
    [InlineData(null, new[] { 1, 330, 585, 2, 576, 293, 576, 3, 576, 262 })]
    [InlineData(First, new[] { 1, 616, 585, 2, 293, 576, 3, 262 })]
    [InlineData(Always, new[] { 1, 330, 585, 2, 293, 576, 3, 262 })]
    public void Encode_AfterTokens_FollowsTheScheme(string? marks, int[] ids)
    {
        var tokenizer = Load(marks is null ? TokenizerFixtures.Llama(Model) : TokenizerFixtures.Llama(Model, ("normalizer", "null"), ("pre_tokenizer", marks)));
        Assert.Equal(ids, tokenizer.Encode("<s>Hi</s> you <mark> a", special: true));
    }

    [Fact]
    public void Encode_Continuation_HasNoPrefix()
    {
        foreach (var tokenizer in new[] { TokenizerFiles.Load(Model), Load(TokenizerFixtures.Llama(Model)) })
        {
            Assert.Equal([616, 585], tokenizer.EncodeContinuation("Hi"));
            Assert.Equal([330, 585], tokenizer.EncodeContinuation(" Hi"));
        }
    }

    [Fact]
    public void Encode_UserDefinedPiece_IsFoundInTheText() => Assert.Equal([576, 3, 262], TokenizerFiles.Load(Model).Encode("<mark> a"));

    [Fact]
    public void Encode_ControlNames_AreTokensOnlyWhenAsked()
    {
        var tokenizer = TokenizerFiles.Load(Model);
        Assert.Equal([330, 585, 2], tokenizer.Encode("Hi</s>", special: true));
        Assert.DoesNotContain(2, tokenizer.Encode("Hi</s>"));
        Assert.Equal((1, 2), (tokenizer.BeginToken, Assert.Single(tokenizer.EndTokens)));
        Assert.Equal(640, tokenizer.VocabularySize);
    }

    [Fact]
    public void Encode_Shakespeare_IsTheSameThroughEveryFile()
    {
        if (TestData.TryFind("tinyshakespeare/input.txt", out var input))
        {
            var text = File.ReadAllText(input);
            var ids = TokenizerFiles.Load(Model).Encode(text);
            Assert.Equal(562_874, ids.Count);
            Assert.Equal(ids, Load(TokenizerFixtures.Llama(Model)).Encode(text));
            Assert.Equal(text, TokenizerFiles.Load(Model).Decode(ids));
        }
    }

    [Fact]
    public void Encode_NoByteFallback_FusesUnknownCharacters()
    {
        var file = TokenizerFixtures.Llama(Model);
        file["model"]!["byte_fallback"] = false;
        Assert.Equal([330, 585, 576, 0], Load(file).Encode("Hi 日本"));
        file["model"]!["fuse_unk"] = false;
        Assert.Equal([330, 585, 576, 0, 0], Load(file).Encode("Hi 日本"));
        file["model"]!["unk_token"] = null;
        Assert.Contains("model.unk_token: must be given", Assert.Throws<ModelFormatException>(() => Load(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NormalizedOrdinaryToken_IsRefused()
    {
        var file = TokenizerFixtures.Llama(Model);
        file["added_tokens"]![3]!["normalized"] = true;
        Assert.Contains("added_tokens[3].normalized: true is not supported for '<mark>'", Assert.Throws<ModelFormatException>(() => Load(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_MergeOfAnUnknownPiece_NamesIt()
    {
        var file = TokenizerFixtures.Llama(Model);
        file["model"]!["merges"] = new JsonArray("H zz");
        Assert.Contains("model.merges[0]: 'zz'", Assert.Throws<ModelFormatException>(() => Load(file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not a model")]
    [InlineData("")]
    public void Load_NoModel_IsRefused(string content)
    {
        var path = Path.Combine(_folder.FullName, "tokenizer.model");
        File.WriteAllText(path, content);
        Assert.Contains("is not a SentencePiece model", Assert.Throws<ModelFormatException>(() => TokenizerFiles.Load(_folder.FullName)).Message, StringComparison.Ordinal);
    }

    TextTokenizer Load(JsonObject file)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "tokenizer.json"), file.ToJsonString());
        return TokenizerFiles.Load(_folder.FullName);
    }
}
