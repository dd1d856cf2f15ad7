using System.Text.Json;
using Dipnet.Modules.Language;
using Dipnet.Worker.Language;

namespace Dipnet.Worker.Tests.Language.Tasks;

public sealed class TaskRunTests
{
    private static readonly TaskExample[] Examples = [new("What is 1 and 2?", "1 + 2 = 3\n#### 3", "3"), new("What is 4 and 5?", "4 + 5 = 9\n#### 9", "9")];

    [Fact]
    public void Outcomes_ScriptedAnswers_AreExtractedAndCompared()
    {
        var asked = new List<string>();
        string Answer(string prompt, int vote)
        {
            asked.Add(prompt);
            return asked.Count == 1 ? "1 + 2 = 3\n#### 3" : "no idea";
        }

        var outcomes = new TaskRun(new TaskPrompt([], null), Answer, 1, 0).Outcomes(Examples).ToArray();
        Assert.Equal(Examples.Select(e => WordProblems.Prompt(e.Question)), asked);
        Assert.Equal([true, false], outcomes.Select(o => o.Correct));
        Assert.Equal(["3", null], outcomes.Select(o => o.Extracted));
        Assert.Equal(["3", "9"], outcomes.Select(o => o.Expected));
    }

    [Fact]
    public void Outcomes_SeveralVotes_TheMostFrequentWins()
    {
        string Answer(string prompt, int vote) => prompt.Contains('1') ? $"#### {(vote % 2 == 0 ? 3 : 4)}" : $"#### {vote}";
        var outcomes = new TaskRun(new TaskPrompt([], null), Answer, 5, 0).Outcomes(Examples).ToArray();
        Assert.Equal(["3", "0"], outcomes.Select(o => o.Extracted));
        Assert.All(outcomes, o => Assert.Equal(5, o.Completions.Count));
        Assert.Equal([true, false], outcomes.Select(o => o.Correct));
    }

    [Fact]
    public void Outcomes_Typos_ChangeTheQuestionAloneAndByItsNumber()
    {
        var asked = new List<string>();
        var run = new TaskRun(new TaskPrompt([Examples[1]], null), (p, _) => { asked.Add(p); return ""; }, 1, 0.3);
        var outcomes = run.Outcomes([Examples[0], Examples[0]]).ToArray();
        Assert.Equal(Typos.Apply(Examples[0].Question, 0, 0.3), outcomes[0].Question);
        Assert.NotEqual(outcomes[0].Question, outcomes[1].Question);
        Assert.All(asked, p => Assert.StartsWith($"{WordProblems.Prompt(Examples[1].Question)}{Examples[1].Solution}\n\nQ: ", p, StringComparison.Ordinal));
    }

    [Fact]
    public void Outcomes_PromptTooLong_NamesTheExample()
    {
        var run = new TaskRun(new TaskPrompt([], null), (p, _) => p.Contains('4') ? throw new ArgumentException("too long") : "", 1, 0);
        Assert.StartsWith("example 2: too long", Assert.Throws<ArgumentException>(() => run.Outcomes(Examples).ToArray()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Outcomes_Cancelled_Ends()
    {
        using var stop = new CancellationTokenSource();
        var seen = 0;
        var run = new TaskRun(new TaskPrompt([], null), (_, _) => { seen++; stop.Cancel(); return "#### 3"; }, 1, 0);
        Assert.Throws<OperationCanceledException>(() => run.Outcomes(Examples, stop.Token).ToArray());
        Assert.Equal(1, seen);
    }

    [Fact]
    public void Prompt_Shots_ComeBeforeTheQuestionInItsOwnForm()
    {
        var prompt = new TaskPrompt(Examples, null);
        Assert.Equal("Q: What is 1 and 2?\nA:\n1 + 2 = 3\n#### 3\n\nQ: What is 4 and 5?\nA:\n4 + 5 = 9\n#### 9\n\nQ: Now?\nA:\n", prompt.Of("Now?"));
    }

    [Fact]
    public void Prompt_Chat_PutsShotsAsTurnsAndEndsWhereTheAnswerBegins()
    {
        var text = new TaskPrompt([Examples[0]], ChatTemplate.ChatMl).Of("Now?");
        Assert.StartsWith("<|im_start|>user\n", text, StringComparison.Ordinal);
        Assert.Contains("What is 1 and 2?<|im_end|>\n<|im_start|>assistant\n1 + 2 = 3\n#### 3<|im_end|>\n", text, StringComparison.Ordinal);
        Assert.EndsWith("Now?<|im_end|>\n<|im_start|>assistant\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new[] { "1", "2", "2" }, "2")]
    [InlineData(new[] { "2", "1", "1", "2" }, "2")]
    [InlineData(new[] { null, null, "5" }, "5")]
    [InlineData(new string?[] { null }, null)]
    public void Majority_Answers_MostFrequentThenFirst(string?[] answers, string? expected) => Assert.Equal(expected, MajorityVote.Winner(answers));

    [Theory]
    [InlineData("0.3333", "0.3333333333", true)]
    [InlineData("0.33", "0.3333333333", false)]
    [InlineData("9.4301", "9.43", true)]
    [InlineData("18", "18", true)]
    [InlineData("18.0001", "18", false)]
    [InlineData(null, "18", false)]
    public void IsRight_Numbers_WholeExactlyFractionsToAThousandth(string? given, string expected, bool right) => Assert.Equal(right, MajorityVote.IsRight(given, expected));

    // Reference values: Newcombe, "Two-sided confidence intervals for the single proportion", 1998, method 3.
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void Interval_Counts_IsWilsons(int correct, int examples, double low, double high)
    {
        var interval = new TaskScore(examples, correct).Interval;
        Assert.Equal(low, interval.Low, 4);
        Assert.Equal(high, interval.High, 4);
    }

    [Fact]
    public void Line_Outcome_HasEveryFieldOfTheLog()
    {
        var outcome = new TaskRun(new TaskPrompt([], null), (_, _) => "1 + 2 = 3\n#### 3", 1, 0).Outcomes(Examples).First();
        using var line = JsonDocument.Parse(TaskReport.Line(outcome));
        var root = line.RootElement;
        Assert.Equal(("What is 1 and 2?", "1 + 2 = 3\n#### 3"), (root.GetProperty("question").GetString(), root.GetProperty("completion").GetString()));
        Assert.Equal(("3", "3", true), (root.GetProperty("extracted").GetString(), root.GetProperty("expected").GetString(), root.GetProperty("correct").GetBoolean()));
        Assert.Equal(WordProblems.Prompt(Examples[0].Question), root.GetProperty("prompt").GetString());
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Progress_Run_EndsWithTheWholeCount(bool terminal)
    {
        using var writer = new StringWriter();
        var progress = new TaskProgress(writer, terminal, 40);
        var score = new TaskScore();
        for (var i = 0; i < 40; i++)
        {
            progress.Report(score = score.Add(i % 2 == 0));
        }

        var text = writer.ToString();
        Assert.EndsWith($"40/40 examples, 20 correct (50.0 %){(terminal ? "\n" : Environment.NewLine)}", text, StringComparison.Ordinal);
        Assert.Equal(terminal ? 1 : 10, text.Split('\n').Length - 1);
    }
}
