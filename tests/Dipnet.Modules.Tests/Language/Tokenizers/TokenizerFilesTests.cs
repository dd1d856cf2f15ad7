using System.Text.Json;
using System.Text.Json.Nodes;
using Dipnet.Modules.Language;

namespace Dipnet.Modules.Tests.Language.Tokenizers;

public sealed class TokenizerFilesTests : IDisposable
{
    static readonly string Model = Path.Combine(AppContext.BaseDirectory, "Language", "Tokenizers", "shakespeare640.model");

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tokenizer");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Load_FolderWithoutOne_SaysWhatWasLookedFor()
    {
        var message = Assert.Throws<ModelFormatException>(() => TokenizerFiles.Load(_folder.FullName)).Message;
        Assert.All(["tokenizer.json", "vocab.json", "merges.txt", "encoder.json", "vocab.bpe", "tokenizer.model", "tokenizer.bin"],
            name => Assert.Contains(name, message, StringComparison.Ordinal));
    }

    [Fact]
    public void Load_NoSuchPath_SaysSo() =>
        Assert.Contains("does not exist", Assert.Throws<ModelFormatException>(() => TokenizerFiles.Load(Path.Combine(_folder.FullName, "x"))).Message, StringComparison.Ordinal);

    [Fact]
    public void Load_Llama2cFile_IsFound()
    {
        if (TestData.TryFind("stories260K/tok512.bin", out var path))
        {
            Assert.Equal([403, 407, 261, 378], TokenizerFiles.Load(path).Encode("Once upon a time"));
        }
    }

    [Fact]
    public void Load_EndTokens_AreThoseOfEveryFileOnce()
    {
        Write("tokenizer_config.json", """{"eos_token":{"content":"</s>"},"bos_token":"<s>"}""");
        Write("config.json", """{"eos_token_id":5}""");
        Write("generation_config.json", """{"eos_token_id":[6,5]}""");
        Assert.Equal([5, 6, 2], LoadModel().EndTokens);
    }

    [Fact]
    public void Load_WrongEndToken_NamesFileAndKey()
    {
        Write("generation_config.json", """{"eos_token_id":"x"}""");
        var message = Assert.Throws<ModelFormatException>(LoadModel).Message;
        Assert.Contains("generation_config.json", message, StringComparison.Ordinal);
        Assert.Contains("eos_token_id", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"chat_template":"{{ bos_token }}{{ messages[0].content }}","bos_token":"<s>"}""", null, "<s>Hi")]
    [InlineData("""{"chat_template":[{"name":"tools","template":"no"},{"name":"default","template":"{{ messages[0].role }}"}]}""", null, "user")]
    [InlineData("""{"chat_template":"no"}""", "{{ messages | length }}", "1")]
    public void Load_ChatTemplate_IsRendered(string config, string? jinja, string expected)
    {
        Write("tokenizer_config.json", config);
        if (jinja is not null)
        {
            Write("chat_template.jinja", jinja);
        }
        Assert.Equal(expected, LoadModel().Chat!.Render([new ChatMessage("user", "Hi")], prompt: false));
    }

    [Theory]
    [InlineData("""{"chat_template":[{"name":"tool_use","template":"{{ tools | length }} tool"},{"name":"default","template":"plain"}]}""", null)]
    [InlineData("{}", "{{ tools | length }} tool")]
    public void Load_TemplateForTools_IsTakenWithTools(string config, string? forTools)
    {
        Write("tokenizer_config.json", config);
        if (forTools is not null)
        {
            Write("chat_template.jinja", "plain");
            Directory.CreateDirectory(Path.Combine(_folder.FullName, "additional_chat_templates"));
            Write("additional_chat_templates/tool_use.jinja", forTools);
        }
        using var tool = JsonDocument.Parse("{}");
        var template = LoadModel().Chat!;

        Assert.Equal("1 tool", template.Render([new ChatMessage("user", "Hi")], prompt: false, [tool.RootElement]));
        Assert.Equal("plain", template.Render([new ChatMessage("user", "Hi")], prompt: false));
    }

    [Fact]
    public void Load_TemplateThatCannotBeRead_FailsOnlyWhenRendered()
    {
        Write("tokenizer_config.json", """{"chat_template":"{% import 'a' %}"}""");
        var tokenizer = LoadModel();
        Assert.Equal([330, 585], tokenizer.Encode("Hi"));
        Assert.Contains("tokenizer_config.json: chat_template: line 1: the statement 'import' is not supported",
            Assert.Throws<ModelFormatException>(() => tokenizer.Chat!.Render([], prompt: false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NoSettings_HaveNoChat() => Assert.Null(LoadModel().Chat);

    // The prompt of a conversation is what its rendering with the answer begins with, token by token.
    [Fact]
    public void Encode_RenderedConversation_HasSpecialTokens()
    {
        if (TestData.TryFind("gpt2-bpe", out var data))
        {
            Write("tokenizer.json", TokenizerFixtures.Qwen2(data).ToJsonString());
            Write("tokenizer_config.json", new JsonObject { ["chat_template"] = ChatTemplateTexts.Qwen25, ["eos_token"] = "<|im_end|>" }.ToJsonString());
            var tokenizer = TokenizerFiles.Load(_folder.FullName);
            ChatMessage[] turns = [new("user", "Hi"), new("assistant", "Ho")];
            var prompt = tokenizer.Encode(tokenizer.Chat!.Render(turns[..1], prompt: true), special: true);
            var whole = tokenizer.Encode(tokenizer.Chat.Render(turns, prompt: false), special: true);
            Assert.Equal(prompt, whole[..prompt.Count]);
            Assert.Equal("Ho", tokenizer.Decode(whole[prompt.Count..]).TrimEnd('\n'));
            Assert.Equal(50258, Assert.Single(tokenizer.EndTokens));
            Assert.Equal(3, whole.Count(t => t == 50258));
        }
    }

    TextTokenizer LoadModel()
    {
        File.Copy(Model, Path.Combine(_folder.FullName, "tokenizer.model"), overwrite: true);
        return TokenizerFiles.Load(_folder.FullName);
    }

    void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder.FullName, name), text);
}
