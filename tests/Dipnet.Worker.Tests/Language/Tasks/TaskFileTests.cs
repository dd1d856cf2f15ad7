using Dipnet.Worker.Data;
using Dipnet.Worker.Language;

namespace Dipnet.Worker.Tests.Language.Tasks;

public sealed class TaskFileTests
{
    [Fact]
    public void Gsm8k_PublishedTestPart_IsReadWithItsNumbers()
    {
        if (!TestData.TryFind("gsm8k/test.jsonl", out var path))
        {
            return;
        }

        var examples = TaskFile.Read("gsm8k", path);
        Assert.Equal(1319, examples.Count);
        Assert.Equal("18", examples[0].Answer);
        Assert.StartsWith("Janet sells 16 - 3 - 4 = 9 duck eggs a day.\n", examples[0].Solution, StringComparison.Ordinal);
        Assert.EndsWith("#### 18", examples[0].Solution, StringComparison.Ordinal);
        Assert.Contains(examples, e => e.Answer == "2125");     // written with a comma
        Assert.Contains(examples, e => e.Answer == "-10");
        Assert.All(examples, e => Assert.Equal(e.Answer, AnswerExtraction.Number(e.Solution)));
    }

    [Fact]
    public void Svamp_PublishedFile_IsReadWithItsNumbers()
    {
        if (!TestData.TryFind("svamp/SVAMP.json", out var path))
        {
            return;
        }

        var examples = TaskFile.Read("svamp", path);
        Assert.Equal(1000, examples.Count);
        Assert.Equal(
            new TaskExample(
                "Each pack of dvds costs 76 dollars. If there is a discount of 25 dollars on each pack. How much do you have to pay to buy each pack?", "#### 51", "51"),
            examples[0]);
        Assert.All(examples, e => Assert.DoesNotContain('.', e.Answer));
    }

    [Theory, InlineData("addsub", 395), InlineData("multiarith", 600), InlineData("singleeq", 508), InlineData("singleop", 562), InlineData("test", 2065)]
    public void Mawps_PublishedFile_IsReadWithItsNumbers(string part, int count)
    {
        if (!TestData.TryFind($"mawps/{part}.jsonl", out var path))
        {
            return;
        }

        var examples = TaskFile.Read("mawps", path);
        Assert.Equal(count, examples.Count);
        Assert.All(examples, e => Assert.Equal($"#### {e.Answer}", e.Solution));
        Assert.Equal(part switch { "multiarith" => "39", "singleop" => "14", _ => "43" }, examples[0].Answer);
    }

    [Theory]
    [InlineData("gsm8k", "{\"question\":\"q\",\"answer\":\"#### 1\"}\n{\"question\":\"q\",\"answer\":\"no mark\"}\n", ":2: \"answer\"")]
    [InlineData("gsm8k", "{\"question\":\"q\",\"answer\":\"#### 1\"}\n\n{\"question\":3,\"answer\":\"#### 1\"}\n", ":3: \"question\"")]
    [InlineData("gsm8k", "{\"question\"", ":1: not valid JSON")]
    [InlineData("mawps", "{\"input\":\"q\",\"target\":\"7\"}\n", ":1: \"target\"")]
    [InlineData("mawps", "[]\n", ":1: \"input\"")]
    [InlineData("mawps", "\n", "holds no problem")]
    [InlineData("svamp", "[{\"Body\":\"b\",\"Question\":\"q\",\"Answer\":1},{\"Body\":\"b\",\"Question\":\"q\"}]", ": item 2: \"Answer\"")]
    [InlineData("svamp", "{}", "must be a JSON list")]
    public void Read_BadContent_IsRefusedWithFileAndPlace(string task, string content, string expected)
    {
        using var folder = new TestFolder();
        var path = folder.Write("bad", System.Text.Encoding.UTF8.GetBytes(content));
        var error = Assert.Throws<DataException>(() => TaskFile.Read(task, path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_MissingFile_IsRefusedWithItsName() =>
        Assert.Contains("/nowhere/x.jsonl", Assert.Throws<DataException>(() => TaskFile.Read("mawps", "/nowhere/x.jsonl")).Message, StringComparison.Ordinal);
}
