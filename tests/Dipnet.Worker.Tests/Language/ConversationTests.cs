using System.Text;
using System.Text.Json;
using Dipnet.Modules.Language;
using Dipnet.Worker.Data;
using Dipnet.Worker.Language;

namespace Dipnet.Worker.Tests.Language;

/// <summary>
/// Lines of chat data under templates that behave as those of Qwen2.5, Qwen3, Llama 3.1, Mistral and DeepSeek's reasoning models do where turns and tools are concerned. documents.json has
/// lines and, for each document, its texts, given and learned by turns: Jinja2 rendered them (trim_blocks, lstrip_blocks, tojson without escapes, null fields left out, arguments as objects).
/// </summary>
public sealed class ConversationTests : IDisposable
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Language", "ChatTemplates");
    private static readonly JsonElement[] Cases = [.. JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "documents.json"))).RootElement.EnumerateArray()];

    private readonly TestFolder _folder = new();

    public static TheoryData<string> Names => [.. Cases.Select(static c => c.GetProperty("name").GetString()!)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_Conversation_LearnsEachAnswerAsTheTemplateWritesItLast(string name)
    {
        var expected = Cases.Single(c => c.GetProperty("name").GetString() == name);
        var tokenizer = Tokenizer(File.ReadAllText(Path.Combine(Folder, expected.GetProperty("template").GetString() + ".jinja")));

        var documents = Read(expected.GetProperty("line").GetString()!, tokenizer);

        var texts = expected.GetProperty("documents").EnumerateArray().Select(static d => d.EnumerateArray().Select(static t => t.GetString()!)).ToList();
        Assert.Equal(texts.Count, documents.Count);
        Assert.All(documents.Zip(texts), pair => Assert.Equal(string.Join("\n|||\n", pair.Second), string.Join("\n|||\n", Texts(pair.First, tokenizer))));
    }

    [Theory]
    [InlineData("""{"role": "robot", "content": "x"}""", "role \"robot\" must be system, user, assistant or tool")]
    [InlineData("""{"role": "user", "content": "x"}""", "the last message must be the assistant's, its role is \"user\"")]
    [InlineData("""{"role": "assistant", "content": ["x"]}""", "\"content\" must be given and be a string")]
    [InlineData("""{"role": "assistant", "content": null}""", "\"content\" must be given and be a string")]
    [InlineData("""{"role": "assistant", "content": "x", "tool_calls": {}}""", "\"tool_calls\" must be a list")]
    [InlineData("""{"role": "assistant", "tool_calls": [{"function": {"arguments": {}}}]}""", "a tool call must be {\"function\": {\"name\", \"arguments\"}}")]
    [InlineData("""{"role": "assistant", "tool_calls": [{"name": "f", "arguments": "{x"}]}""", "\"arguments\" of the call of \"f\" must be an object, or a string that holds one")]
    [InlineData("""{"role": "tool", "content": "x", "tool_calls": [{"name": "f", "arguments": {}}]}""", "\"tool_calls\" must be in the assistant's messages, not in one whose role is \"tool\"")]
    [InlineData("""{"role": "assistant", "content": "x", "tool_calls": [{"name": "f", "arguments": {}}]}""", "the chat template leaves out the call of \"f\"; use a tokenizer whose template writes \"tool_calls\"")]
    [InlineData("""{"role": "assistant", "content": "x"}], "tools": [3], "more": [1""", "\"tools\" must be a list of objects, or a string that holds one")]
    [InlineData("""{"role": "assistant", "content": "x"}], "tools": [{"name": "f"}""", "the chat template leaves out \"tools\"; use a tokenizer whose template writes them")]
    public void Read_WrongMessage_NamesFileAndLine(string message, string rule)
    {
        var error = Assert.Throws<DataException>(() => Read($$"""{"messages": [{"role": "user", "content": "hi"}, {{message}}]}""", new ByteTokenizer { Chat = ChatTemplate.ChatMl }));

        Assert.Equal($"{_folder.File("data.jsonl")}:1: {rule}", error.Message);
    }

    [Fact]
    public void Read_ToolAnswerThatTheTemplateLeavesOut_IsRefused()
    {
        var tokenizer = Tokenizer("{% for m in messages if m.role != 'tool' %}{{ m.content }}{% endfor %}");

        var error = Assert.Throws<DataException>(() => Read(
            """{"messages": [{"role": "user", "content": "u"}, {"role": "tool", "content": "t"}, {"role": "assistant", "content": "a"}]}""", tokenizer));

        Assert.EndsWith(":1: the chat template leaves out messages whose role is \"tool\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ConversationThatTheTemplateRefuses_GivesItsWordsAndTheLine()
    {
        var tokenizer = Tokenizer(File.ReadAllText(Path.Combine(Folder, "mistral.jinja")));

        var error = Assert.Throws<DataException>(() => Read(
            """{"messages": [{"role": "user", "content": "u"}, {"role": "assistant", "tool_calls": [{"id": "short", "name": "f", "arguments": {}}]}]}""", tokenizer));

        Assert.StartsWith($"{_folder.File("data.jsonl")}:1: ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("chat_template.jinja: Tool call IDs should be alphanumeric strings with length 9!", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ToolsAsAString_AreThoseThatItHolds()
    {
        var tokenizer = Tokenizer(File.ReadAllText(Path.Combine(Folder, "qwen2.5.jinja")));
        const string Line = """{"messages": [{"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}], "tools": TOOLS}""";

        var quoted = Read(Line.Replace("TOOLS", """ "[{\"name\": \"f\"}]" """, StringComparison.Ordinal), tokenizer);
        var plain = Read(Line.Replace("TOOLS", """[{"name": "f"}]""", StringComparison.Ordinal), tokenizer);

        Assert.Contains("<tools>\n{\"name\": \"f\"}\n</tools>", Texts(Assert.Single(quoted), tokenizer)[0], StringComparison.Ordinal);
        Assert.Equal(Assert.Single(plain).Tokens, Assert.Single(quoted).Tokens);
    }

    // Reads bytes, so that a document's tokens are its text.
    private TextTokenizer Tokenizer(string template)
    {
        ByteTokenizerFile.Write(_folder.Path);
        _folder.Write("chat_template.jinja", Encoding.UTF8.GetBytes(template));
        return TokenizerFiles.Load(_folder.Path);
    }

    private List<Document> Read(string line, TextTokenizer tokenizer) =>
        [.. JsonLinesFile.Read(_folder.Write("data.jsonl", Encoding.UTF8.GetBytes(line)), "chat", tokenizer)];

    // A document's texts, given and learned by turns.
    private static List<string> Texts(Document document, TextTokenizer tokenizer)
    {
        var texts = new List<string>();
        for (var at = 0; at < document.Tokens.Length;)
        {
            var learned = texts.Count % 2 == 1;
            var part = document.Tokens.Skip(at).TakeWhile((_, i) => document.Learned[at + i] == learned).ToList();
            texts.Add(tokenizer.Decode(part, special: true));
            at += part.Count;
        }

        return texts;
    }
}
