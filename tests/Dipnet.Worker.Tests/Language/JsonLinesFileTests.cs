using System.Text;
using Dipnet.Modules.Language;
using Dipnet.Worker.Data;
using Dipnet.Worker.Language;

namespace Dipnet.Worker.Tests.Language;

public sealed class JsonLinesFileTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ByteTokenizer _tokenizer = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_PromptCompletion_LearnsTheCompletionAndItsEnd()
    {
        var document = Assert.Single(Read("""{"prompt": "2+2=", "completion": "4"}""", "prompt-completion"));

        Assert.Equal([ByteTokenizer.Begin, .. "2+2=4"u8.ToArray().Select(b => (int)b), ByteTokenizer.End], document.Tokens);
        Assert.Equal([false, false, false, false, false, true, true], document.Learned);
    }

    [Fact]
    public void Read_QuestionAnswer_AsksAsTheWordProblemsDo()
    {
        var document = Assert.Single(Read("""{"question": "How many?", "answer": "Two.\n#### 2"}""", "question-answer"));

        Assert.Equal(WordProblems.Prompt("How many?") + "Two.\n#### 2", _tokenizer.Decode(document.Tokens));
        Assert.Equal("Two.\n#### 2", _tokenizer.Decode(document.Tokens.Where((_, i) => document.Learned[i])));
    }

    [Fact]
    public void Read_Text_LearnsAll()
    {
        var documents = Read("{\"text\": \"one\"}\n\n{\"text\": \"two\"}\n", "text");

        Assert.Equal(["one", "two"], documents.Select(d => _tokenizer.Decode(d.Tokens)));
        Assert.All(documents, d => Assert.DoesNotContain(false, d.Learned));
    }

    [Theory]
    [InlineData("{\"text\": \"fine\"}\n{\"text\": }\n", "text", ":2: not valid JSON at byte 10: '}' is")]
    [InlineData("[1]", "text", ":1: must be a JSON object, is Array")]
    [InlineData("{\"prompt\": \"x\"}", "prompt-completion", ":1: \"completion\" must be given and be a string")]
    [InlineData("{\"question\": 3, \"answer\": \"x\"}", "question-answer", ":1: \"question\" must be given and be a string")]
    [InlineData("{\"text\": \"fine\"}\n{\"text\": \"\\ud800 alone\"}\n", "text", ":2: half of a surrogate pair")]
    [InlineData("{\"messages\": []}", "chat", "data.format chat: the tokenizer has no chat template")]
    public void Read_WrongLine_NamesFileAndLine(string content, string format, string rule)
    {
        var error = Assert.Throws<DataException>(() => Read(content, format));

        Assert.Contains(rule, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_BytesThatAreNotUtf8_NamesFileAndLine()
    {
        byte[] content = [.. "{\"text\": \"fine\"}\n"u8, .. "{\"text\": \"caf"u8, 0xE9, .. "\"}\n"u8, .. "{\"text\": \"fine\"}\n"u8];
        var file = _folder.Write("data.jsonl", content);

        var error = Assert.Throws<DataException>(() => JsonLinesFile.Read(file, "text", _tokenizer).ToList());

        Assert.StartsWith($"{file}:2: is not UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    public void Read_ByteOrderMark_SaysTheEncodingAndIsNoText(string encoding)
    {
        var marked = Encoding.GetEncoding(encoding);
        var file = _folder.Write("data.jsonl", [.. marked.Preamble, .. marked.GetBytes("{\"text\": \"né\"}\r\n")]);

        Assert.Equal("né", _tokenizer.Decode(Assert.Single(JsonLinesFile.Read(file, "text", _tokenizer)).Tokens));
    }

    private List<Document> Read(string content, string format) =>
        [.. JsonLinesFile.Read(_folder.Write("data.jsonl", Encoding.UTF8.GetBytes(content)), format, _tokenizer)];
}
