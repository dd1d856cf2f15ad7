using System.Globalization;
using System.Text.RegularExpressions;
using Dipnet.Worker.Language;

namespace Dipnet.Worker.Tests.Language.Arithmetic;

public sealed partial class WordProblemTests
{
    public static TheoryData<int, bool> Sides()
    {
        var sides = new TheoryData<int, bool>();
        for (var level = 1; level <= WordProblems.Levels; level++)
        {
            sides.Add(level, false);
            sides.Add(level, true);
        }

        return sides;
    }

    [Theory, MemberData(nameof(Sides))]
    public void Problem_AnySeed_IsSolvedStepByStepFromNumbersOfItsQuestion(int level, bool heldOut)
    {
        var problems = new WordProblems(7, level, heldOut);
        for (var i = 0; i < 1000; i++)
        {
            var problem = problems[i];
            var known = Digits().Matches(problem.Question).Select(m => Value(m.Value)).ToHashSet();
            var lines = problem.Solution.Split('\n');
            Assert.InRange(lines.Length - 1, level < 3 ? 1 : level == 5 ? 3 : 2, level < 3 ? 1 : level == 3 ? 2 : level == 4 ? 3 : 4);
            var last = 0L;
            foreach (var line in lines[..^1])
            {
                var step = Step().Match(line);
                Assert.True(step.Success, line);
                var (left, right) = (Value(step.Groups[1].Value), Value(step.Groups[3].Value));
                Assert.Contains(left, known);
                Assert.Contains(right, known);
                last = Value(step.Groups[4].Value);
                switch (step.Groups[2].Value)
                {
                    case "+": Assert.Equal(left + right, last); break;
                    case "-": Assert.Equal(left - right, last); break;
                    case "*": Assert.Equal(left * right, last); break;
                    default: Assert.Equal(left, last * right); break;
                }

                known.Add(last);
            }

            Assert.Equal($"#### {problem.Answer}", lines[^1]);
            Assert.Equal(last.ToString(CultureInfo.InvariantCulture), problem.Answer);
            Assert.Equal(problem.Answer, AnswerExtraction.Number(problem.Solution));
            Assert.True(last >= 0);
        }
    }

    // The wording itself is solved here, without the steps that the generator tells.
    [Fact]
    public void Problem_PlainSumsAndDifferences_AnswerIsWhatTheWordsSay()
    {
        var problems = new WordProblems(3, 1, heldOut: false);
        var (sums, differences, reversed) = (0, 0, 0);
        for (var i = 0; i < 4000; i++)
        {
            var problem = problems[i];
            var numbers = Digits().Matches(problem.Question).Select(m => Value(m.Value)).ToArray();
            if (problem.Question.Contains("do they have together", StringComparison.Ordinal))
            {
                Assert.Equal(numbers[0] + numbers[1], Value(problem.Answer));
                sums++;
            }
            else if (Reversed().Match(problem.Question) is { Success: true } than)
            {
                // "That is 3 fewer than Tom has. How many … does Tom have?"
                Assert.Equal(than.Groups[1].Value == "fewer" ? numbers[0] + numbers[1] : numbers[0] - numbers[1], Value(problem.Answer));
                reversed++;
            }
            else if (problem.Question.Contains("of them. How many", StringComparison.Ordinal) || problem.Question.Contains("fewer than", StringComparison.Ordinal))
            {
                Assert.Equal(numbers[0] - numbers[1], Value(problem.Answer));
                differences++;
            }
        }

        Assert.True(sums > 50 && differences > 50 && reversed > 50, $"{sums} sums, {differences} differences, {reversed} reversed comparisons");
    }

    [Theory, MemberData(nameof(Sides))]
    public void Problem_Wording_AgreesInNumberAndIsOneLineOfPlainText(int level, bool heldOut)
    {
        var problems = new WordProblems(11, level, heldOut);
        for (var i = 0; i < 1000; i++)
        {
            var question = problems[i].Question;
            Assert.Matches("^[A-Z0-9][A-Za-z0-9 .,?]*\\?$", question);
            Assert.DoesNotContain("  ", question, StringComparison.Ordinal);
            foreach (Match noun in CountedNoun().Matches(question))
            {
                var plural = ProblemWords.Things.Concat(ProblemWords.Containers).Select(t => t.Many).Concat(ProblemWords.Plurals.Values).Contains(noun.Groups[2].Value);
                Assert.Equal(noun.Groups[1].Value != "1", plural);
            }

            Assert.DoesNotMatch(@"\b1 (are|were)\b|\b([2-9]|\d\d+) (is|was)\b|[Tt]here are 1 |[Tt]here is ([2-9]|1\d)", question);
        }
    }

    [Fact]
    public void HeldOut_Templates_ShareNoStoryWithTraining()
    {
        var training = ProblemTemplates.All.Where(t => !t.HeldOut).Select(t => t.Story).ToHashSet(StringComparer.Ordinal);
        var heldOut = ProblemTemplates.All.Where(t => t.HeldOut).Select(t => t.Story).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(ProblemTemplates.All.Count, training.Count + heldOut.Count);
        Assert.Empty(training.Intersect(heldOut));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5)]
    public void HeldOut_Questions_NeverOccurInTrainingEvenWithWordsAndNumbersMasked(int level)
    {
        var (training, heldOut) = (new WordProblems(1, level, false), new WordProblems(1, level, true));
        var frames = Enumerable.Range(0, 10000).Select(i => Frame(training[i].Question)).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < 2000; i++)
        {
            Assert.DoesNotContain(Frame(heldOut[i].Question), frames);
        }
    }

    // What a model has never read it cannot understand: only the sentences of held-out problems are new.
    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5)]
    public void HeldOut_Words_AllOccurInTrainingOfTheSameLevel(int level)
    {
        var (training, heldOut) = (new WordProblems(1, level, false), new WordProblems(1, level, true));
        var known = Enumerable.Range(0, 10000).SelectMany(i => Letters().Matches(training[i].Question).Select(m => m.Value)).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(Enumerable.Range(0, 2000).SelectMany(i => Letters().Matches(heldOut[i].Question).Select(m => m.Value)).Where(w => !known.Contains(w)).Distinct());
    }

    // One template that a model gets wrong must not decide a job's accuracy.
    [Theory, InlineData(1, 56, 32), InlineData(2, 78, 44), InlineData(3, 25, 9), InlineData(4, 39, 14), InlineData(5, 15, 6)]
    public void Templates_OfALevel_AreAsManyAsTheDocumentationSays(int level, int training, int heldOut)
    {
        var taken = ProblemTemplates.All.Where(ProblemLevel.Of(level).Takes).ToList();
        Assert.Equal((training, heldOut), (taken.Count(t => !t.HeldOut), taken.Count(t => t.HeldOut)));
    }

    [Fact]
    public void Problem_SameSeedAndIndex_IsTheSameInAnyOrder()
    {
        var (first, second) = (new WordProblems(5, 4, false), new WordProblems(5, 4, false));
        var backwards = Enumerable.Range(0, 200).Reverse().Select(i => second[i]).Reverse();
        Assert.Equal(Enumerable.Range(0, 200).Select(i => first[i]), backwards);
        Assert.NotEqual(first[0], new WordProblems(6, 4, false)[0]);
        Assert.True(Enumerable.Range(0, 1000).Select(i => first[i].Question).Distinct().Count() > 950);
    }

    // Jobs are pure functions of their file: what a seed gives must not change from version to version.
    [Fact]
    public void Problem_KnownSeeds_GiveTheirKnownTexts()
    {
        Assert.Equal(
            new WordProblem("Dan finds 8 eggs and now has 9. How many eggs did he have before?", "9 - 8 = 1\n#### 1", "1"),
            new WordProblems(1, 1, false)[0]);
        Assert.Equal(
            new WordProblem(
                "At first Ben had 288 nuts. He gave away 204, won 132 and put all into 3 crates equally. Ben is 14 years old. How many nuts are in each crate?",
                "288 - 204 = 84\n84 + 132 = 216\n216 / 3 = 72\n#### 72",
                "72"),
            new WordProblems(1, 5, true)[0]);
    }

    [Theory, InlineData(0), InlineData(6)]
    public void Level_OutsideOneToFive_IsRefusedWithItsValue(int level) =>
        Assert.Contains($"{level}", Assert.Throws<ArgumentOutOfRangeException>(() => new WordProblems(1, level, false)).Message, StringComparison.Ordinal);

    private static readonly Regex Words = new(
        @"\b(" + string.Join('|', ProblemWords.Things.Concat(ProblemWords.Containers).SelectMany(t => new[] { t.Many, t.One }).Concat(ProblemWords.People.Select(p => p.Name))) + @")\b",
        RegexOptions.Compiled);

    private static string Frame(string question) => Words.Replace(Digits().Replace(question, "#"), "_");

    private static long Value(string digits) => long.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex("[A-Za-z]+")]
    private static partial Regex Letters();

    [GeneratedRegex(@"That is \d+ (fewer|more) than")]
    private static partial Regex Reversed();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();

    [GeneratedRegex(@"^(\d+) ([-+*/]) (\d+) = (\d+)$")]
    private static partial Regex Step();

    [GeneratedRegex(@"\b(\d+) (?:loose |more |red |blue )?(apples?|books?|cards?|coins?|cups?|eggs?|marbles?|pens?|shells?|stamps?|balls?|nuts?|candles?|ribbons?|box|boxes|bags?|baskets?|jars?|crates?|dollars?|days?|friends?|child|children|pages?|rows?)\b")]
    private static partial Regex CountedNoun();
}
