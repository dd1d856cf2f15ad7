namespace Dipnet.Worker.Language;

/// <summary>
/// A story with slots in braces (see <see cref="ProblemScene"/>) and its steps. In stories and steps a, b, c, d are terms, p, q, r, s are factors; x, y, z, w are
/// the results of the steps in order.
/// </summary>
internal sealed class ProblemTemplate
{
    public const string Results = "xyzw";

    /// <param name="story">The last sentence is the question.</param>
    /// <param name="steps">For example <c>a+b;x*p</c>.</param>
    /// <param name="heldOut">Training never sees it.</param>
    public ProblemTemplate(string story, string steps, bool heldOut)
    {
        Story = story;
        HeldOut = heldOut;
        Steps = [.. steps.Split(';').Select(s => new ProblemStep(s[0], s[1], s[2]))];
        Variables = [.. Steps.SelectMany(s => new[] { s.Left, s.Right }).Where(v => !Results.Contains(v)).Distinct()];
        var question = story[..^1].LastIndexOfAny(['.', '?']) + 2;
        (Telling, Question) = (StoryPart.Parse(story[..question]), StoryPart.Parse(story[question..]));
    }

    public string Story { get; }

    public bool HeldOut { get; }

    public IReadOnlyList<ProblemStep> Steps { get; }

    /// <summary>Numbers that the story gives.</summary>
    public IReadOnlyList<char> Variables { get; }

    /// <summary>All but the last sentence, with a space at its end.</summary>
    public IReadOnlyList<StoryPart> Telling { get; }

    public IReadOnlyList<StoryPart> Question { get; }

    public static bool IsFactor(char variable) => variable >= 'p' && variable <= 's';
}
