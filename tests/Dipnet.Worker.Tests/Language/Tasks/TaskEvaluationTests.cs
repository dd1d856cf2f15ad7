using System.Text.Json;
using Dipnet.Worker.Data;
using Dipnet.Worker.Language;

namespace Dipnet.Worker.Tests.Language.Tasks;

/// <summary>The pretrained stories260K tells stories and cannot count: what is tested is that it is asked, stopped, logged and counted rightly.</summary>
public sealed class TaskEvaluationTests
{
    [Fact]
    public void Run_GeneratedProblems_CountsAndLogsEveryExampleTheSameTwice()
    {
        if (!Request(out var request))
        {
            return;
        }

        using var folder = new TestFolder();
        var (first, second) = (folder.File("a.jsonl"), folder.File("b.jsonl"));
        var report = Run(request with { Log = first, Shots = 1, Typos = 0.1 });
        var again = Run(request with { Log = second, Shots = 1, Typos = 0.1 });
        Assert.Equal(report, again with { Seconds = report.Seconds });
        Assert.Equal(File.ReadAllText(first), File.ReadAllText(second));
        Assert.Equal((3, 2), (report.Examples, report.Level));
        var lines = File.ReadAllLines(first).Select(l => JsonDocument.Parse(l).RootElement).ToArray();
        Assert.Equal(3, lines.Length);
        var problems = new WordProblems(0, 2, heldOut: true);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(problems[i].Answer, lines[i].GetProperty("expected").GetString());
            Assert.Equal(Typos.Apply(problems[i].Question, (ulong)i, 0.1), lines[i].GetProperty("question").GetString());
            Assert.NotEqual("", lines[i].GetProperty("completion").GetString());
        }

        Assert.Equal(report.Correct, lines.Count(l => l.GetProperty("correct").GetBoolean()));
        Assert.Equal(report.WithoutAnswer, lines.Count(l => l.GetProperty("extracted").GetString() == ""));
    }

    [Fact]
    public void Run_Majority_TakesOneAnswerADraw()
    {
        if (!Request(out var request))
        {
            return;
        }

        using var folder = new TestFolder();
        var log = folder.File("votes.jsonl");
        var report = Run(request with { Log = log, Limit = 1, Trajectories = 3, Majority = true });
        Assert.Equal(TaskRequest.VoteTemperature, report.Temperature);
        using var line = JsonDocument.Parse(File.ReadAllLines(log).Single());
        var completions = line.RootElement.GetProperty("completions").EnumerateArray().Select(c => c.GetString()).ToArray();
        Assert.Equal(3, completions.Distinct().Count());
    }

    [Theory, InlineData("gsm8k", "gsm8k/test.jsonl"), InlineData("svamp", "svamp/SVAMP.json"), InlineData("mawps", "mawps/test.jsonl")]
    public void Run_PublishedFile_AsksItsFirstProblems(string task, string file)
    {
        if (!Request(out var request) || !TestData.TryFind(file, out var path))
        {
            return;
        }

        var report = Run(request with { Task = task, Data = path, Level = null, Limit = 2 });
        Assert.Equal((task, 2, null), (report.Task, report.Examples, report.Level));
        Assert.InRange(report.Accuracy, report.Low95, report.High95);
        using var json = JsonDocument.Parse(report.Json());
        Assert.Equal(2, json.RootElement.GetProperty("examples").GetInt32());
        foreach (var name in new[] { "task", "model", "correct", "accuracy", "low95", "high95", "withoutAnswer", "seconds" })
        {
            Assert.True(json.RootElement.TryGetProperty(name, out _), name);
        }
    }

    [Fact]
    public void Run_ShotsBeyondTheContext_NamesExampleAndCure()
    {
        if (Request(out var request))
        {
            var error = Assert.Throws<ArgumentException>(() => Run(request with { Shots = 30 }));
            Assert.Contains("example 1: ", error.Message, StringComparison.Ordinal);
            Assert.Contains("--shots", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Run_ChatWithoutTemplate_IsRefused()
    {
        if (Request(out var request))
        {
            Assert.Contains("no chat template", Assert.Throws<ArgumentException>(() => Run(request with { Chat = true })).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Run_BadLine_NamesFileAndLine()
    {
        if (!Request(out var request))
        {
            return;
        }

        using var folder = new TestFolder();
        var path = folder.Write("bad.jsonl", "{\"question\":\"q\",\"answer\":\"#### 1\"}\n{}\n"u8);
        Assert.StartsWith($"{path}:2:", Assert.Throws<DataException>(() => Run(request with { Task = "gsm8k", Data = path, Level = null })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validated_EverythingWrong_NamesEverySetting()
    {
        var error = Assert.Throws<ArgumentException>(() => new TaskRequest
        {
            Checkpoint = "x", Task = "arithmetic", Data = "d", Shots = -1, Limit = -1, Trajectories = -1, Majority = true, Temperature = -1, Level = 9, Typos = 2, MaxTokens = 0,
        }.Validated());
        foreach (var name in new[] { "--data", "--shots", "--limit", "--trajectories", "--majority", "--temperature", "--level", "--typos", "--max-tokens" })
        {
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
        }

        Assert.Contains("--task", Assert.Throws<ArgumentException>(() => new TaskRequest { Checkpoint = "x", Task = "aqua" }.Validated()).Message, StringComparison.Ordinal);
        Assert.Contains("--data", Assert.Throws<ArgumentException>(() => new TaskRequest { Checkpoint = "x", Task = "gsm8k" }.Validated()).Message, StringComparison.Ordinal);
    }

    private static TaskReport Run(TaskRequest request) => TaskEvaluation.Run(request, TextWriter.Null, terminal: false, CancellationToken.None);

    private static bool Request(out TaskRequest request)
    {
        var found = TestData.TryFind("stories260K/stories260K.bin", out var model) & TestData.TryFind("stories260K/tok512.bin", out var tokenizer);
        request = new TaskRequest { Checkpoint = model, Tokenizer = tokenizer, Task = "arithmetic", Level = 2, Limit = 3, MaxTokens = 12, Device = "cpu" };
        return found;
    }
}
