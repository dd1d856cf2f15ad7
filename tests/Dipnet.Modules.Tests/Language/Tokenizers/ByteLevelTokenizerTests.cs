using System.Diagnostics;
using System.Text.Json.Nodes;
using Dipnet.Modules.Language;

namespace Dipnet.Modules.Tests.Language.Tokenizers;

/// <summary>Ids that are written out are those of the Hugging Face tokenizers library for the same tokenizer.json.</summary>
public sealed class ByteLevelTokenizerTests : IDisposable
{
    const string Scripts = "naïve café cafe\u0301 \u212b 한국어 \u1112\u1161\u11ab 日本 🙂👩‍👩‍👧 {}";

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tokenizer");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("Hello world", new[] { 15496, 995 })]
    [InlineData("  two  spaces\n\n line \t tabs\r\n", new[] { 220, 734, 220, 9029, 628, 1627, 220, 197, 22524, 201, 198 })]
    [InlineData("don't WE'LL I'd've", new[] { 9099, 470, 12887, 6, 3069, 314, 1549, 1053 })]
    [InlineData("12345 67.8 ١٢ ½", new[] { 10163, 2231, 8275, 13, 23, 18923, 94, 149, 95, 25208 })]
    [InlineData("<|endoftext|>Hi <|endoftext|>  there", new[] { 50256, 17250, 220, 50256, 220, 612 })]
    [InlineData("a𝐀b 𝟘𝟙 😀𝒳", new[] { 64, 47728, 238, 222, 65, 220, 47728, 253, 246, 47728, 253, 247, 30325, 222, 47728, 240, 111 })]
    [InlineData("\u00a0\u2003x\u3000y\u200b", new[] { 1849, 447, 225, 87, 5099, 222, 88, 9525 })]
    [InlineData("", new int[0])]
    public void Encode_Gpt2_IsTheReference(string text, int[] ids)
    {
        if (TestData.TryFind("gpt2-bpe", out var data))
        {
            Assert.Equal(ids, TokenizerFiles.Load(data).Encode(text, special: true));
            Assert.Equal(ids, Load(TokenizerFixtures.Gpt2(data)).Encode(text, special: true));
        }
    }

    [Fact]
    public void Encode_Scripts_AreComposedOnlyWhereTheFileSaysSo()
    {
        if (TestData.TryFind("gpt2-bpe", out var data))
        {
            Assert.Equal(
                [2616, 38776, 40304, 26725, 136, 223, 2343, 226, 104, 220, 47991, 250, 166, 113, 255, 168, 244, 112, 28053, 226, 240, 157, 227, 94, 157, 228, 104, 10545,
                    245, 98, 17312, 105, 32485, 41840, 102, 447, 235, 41840, 102, 447, 235, 41840, 100, 23884],
                Load(TokenizerFixtures.Gpt2(data)).Encode(Scripts));
            Assert.Equal(
                [2616, 38776, 40304, 40304, 6184, 227, 220, 47991, 250, 166, 113, 255, 168, 244, 112, 220, 47991, 250, 10545, 245, 98, 17312, 105, 32485, 41840, 102, 447,
                    235, 41840, 102, 447, 235, 41840, 100, 23884],
                Load(TokenizerFixtures.Qwen2(data)).Encode(Scripts));
        }
    }

    [Theory]
    [InlineData("12345 67.8 ١٢ ½", new[] { 16, 17, 18, 19, 20, 220, 21, 22, 13, 23, 220, 149, 94, 149, 95, 220, 23141 })]
    [InlineData("<|im_start|>user\nhi<|im_end|>\n<tool_call>x</tool_call>", new[] { 50257, 7220, 198, 5303, 50258, 198, 50259, 87, 3556, 25981, 62, 13345, 29 })]
    public void Encode_Qwen2_IsTheReference(string text, int[] ids)
    {
        if (TestData.TryFind("gpt2-bpe", out var data))
        {
            Assert.Equal(ids, Load(TokenizerFixtures.Qwen2(data)).Encode(text, special: true));
        }
    }

    [Theory]
    [InlineData("""{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}]}""",
        "12345 a", new[] { 16, 17, 18, 19, 20, 257 })]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":true,"use_regex":true}""", "Hello world", new[] { 18435, 995 })]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":true,"use_regex":true}""", "<|endoftext|>Hi <|endoftext|>  there", new[] { 50256, 15902, 220, 50256, 220, 612 })]
    public void Encode_OtherCuts_AreTheReference(string cut, string text, int[] ids)
    {
        if (TestData.TryFind("gpt2-bpe", out var data))
        {
            Assert.Equal(ids, Load(TokenizerFixtures.Gpt2(data, ("pre_tokenizer", cut))).Encode(text, special: true));
        }
    }

    [Fact]
    public void Encode_StrippingToken_TakesTheSpaceAround()
    {
        if (TestData.TryFind("gpt2-bpe", out var data))
        {
            var file = TokenizerFixtures.Gpt2(data);
            file["added_tokens"] = new JsonArray(TokenizerFixtures.Added(50256, "<|endoftext|>", left: true, right: true));
            Assert.Equal([50256, 17250, 50256, 8117], Load(file).Encode("<|endoftext|>Hi <|endoftext|>  there", special: true));
        }
    }

    [Fact]
    public void Encode_IgnoredMerges_TakeWholeWords()
    {
        if (TestData.TryFind("gpt2-bpe", out var data))
        {
            var file = TokenizerFixtures.Gpt2(data);
            file["model"]!["merges"] = new JsonArray();
            Assert.Equal(10, Load(file).Encode("Hello wor").Count + 1);
            file["model"]!["ignore_merges"] = true;
            Assert.Equal([15496, 995], Load(file).Encode("Hello world"));
        }
    }

    [Fact]
    public void Encode_NamesOfSpecialTokens_ArePlainTextUnlessAsked()
    {
        if (TestData.TryFind("gpt2-bpe", out var data))
        {
            var tokenizer = Load(TokenizerFixtures.Qwen2(data));
            Assert.DoesNotContain(50258, tokenizer.Encode("<|im_end|>"));
            Assert.Equal([50259], tokenizer.Encode("<tool_call>"));     // an ordinary added token
            Assert.Equal("", tokenizer.Decode([50258]));
            Assert.Equal("<|im_end|>", tokenizer.Decode([50258], special: true));
            Assert.Equal("<tool_call>", tokenizer.Decode([50259]));
        }
    }

    [Theory]
    [InlineData(Scripts)]
    [InlineData("\0\u0001\ufeff\u200d a\u0301\u0327 \r\n\t  \n x  ")]
    [InlineData("🏳️‍🌈👨‍👩‍👧‍👦🇩🇪 𓀀𝔘 ﷽")]
    public void Decode_OfEncoded_IsTheText(string text)
    {
        if (TestData.TryFind("gpt2-bpe", out var data))
        {
            var tokenizer = TokenizerFiles.Load(data);
            var ids = tokenizer.Encode(text);
            Assert.Equal(text, tokenizer.Decode(ids));
            var stream = new TokenDecoder(tokenizer);
            var pieces = ids.ConvertAll(stream.Next);
            Assert.Equal(text, string.Concat(pieces) + stream.End());
            Assert.DoesNotContain(pieces, static p => p.Contains('\ufffd'));
        }
    }

    [Fact]
    public void Encode_Shakespeare_IsFastAndComesBack()
    {
        if (TestData.TryFind("gpt2-bpe", out var data) && TestData.TryFind("tinyshakespeare/input.txt", out var input))
        {
            var (tokenizer, text) = (TokenizerFiles.Load(data), File.ReadAllText(input));
            var clock = Stopwatch.StartNew();
            var ids = tokenizer.Encode(text);
            Assert.Equal(338_025, ids.Count);
            Assert.Equal(text, tokenizer.Decode(ids));
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{clock.Elapsed}");     // a fraction of a second on a quiet machine
        }
    }

    [Fact]
    public void Tokens_OfGpt2Files_AreFoundByName()
    {
        if (TestData.TryFind("gpt2-bpe", out var data))
        {
            var tokenizer = TokenizerFiles.Load(Path.Combine(data, "vocab.bpe"));
            Assert.Null(tokenizer.BeginToken);
            Assert.Equal([50256], tokenizer.EndTokens);
            Assert.Equal(50257, tokenizer.VocabularySize);
            Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Bytes(50257));
        }
    }

    [Theory]
    [InlineData("normalizer", """{"type":"NFKC"}""", "normalizer.type: 'NFKC' is not supported")]
    [InlineData("pre_tokenizer", """{"type":"BertPreTokenizer"}""", "pre_tokenizer.type: 'BertPreTokenizer' is not supported")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"a?+"},"behavior":"Isolated"}""", "pre_tokenizer.pattern.Regex: 'a?+' is not supported")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"String":" "},"behavior":"MergedWithNext"}""", "pre_tokenizer.behavior: 'MergedWithNext'")]
    [InlineData("post_processor", """{"type":"RobertaProcessing"}""", "post_processor.type: 'RobertaProcessing' is not supported")]
    [InlineData("decoder", """{"type":"WordPiece"}""", "decoder.type: 'WordPiece' is not supported")]
    [InlineData("decoder", "null", "decoder: must be ByteLevel")]
    [InlineData("model", """{"type":"WordPiece","vocab":{}}""", "model.type: 'WordPiece' is not supported")]
    [InlineData("model", """{"type":"BPE","dropout":0.1,"vocab":{},"merges":[]}""", "model.dropout: 0.1 is not supported")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":-1},"merges":[]}""", "model.vocab['a']: -1 must be a token id")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":["a b c"]}""", "model.merges[0]")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":[]}""", "has no token for byte 0")]
    [InlineData("added_tokens", """[{"id":1,"content":"x","single_word":true}]""", "added_tokens[0].single_word: true is not supported")]
    public void Load_UnsupportedPart_NamesItAndItsFile(string part, string json, string message)
    {
        var file = new JsonObject
        {
            ["added_tokens"] = new JsonArray(),
            ["pre_tokenizer"] = JsonNode.Parse("""{"type":"ByteLevel"}"""),
            ["decoder"] = JsonNode.Parse("""{"type":"ByteLevel"}"""),
            ["model"] = JsonNode.Parse("""{"type":"BPE","vocab":{"a":0},"merges":[]}"""),
        };
        file[part] = JsonNode.Parse(json);
        var error = Assert.Throws<ModelFormatException>(() => Load(file));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("tokenizer.json", error.Message, StringComparison.Ordinal);
    }

    TextTokenizer Load(JsonObject file)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "tokenizer.json"), file.ToJsonString());
        return TokenizerFiles.Load(_folder.FullName);
    }
}
