using System.Globalization;
using System.Text;

namespace Dipnet.Worker.Language;

/// <summary>
/// Who and what a problem is about, and its numbers. Slots: A, B, C people; he, He the pronoun of A; thing, things; box, boxes (a container); gain, gains, gained and
/// lose, loses, lost (a verb that adds or takes away); <c>a</c> a number; <c>a thing</c> a number and a noun in singular or plural, with words between them
/// as they are (<c>a loose thing</c>); <c>are a</c>, <c>was a</c> the verb for a number.
/// </summary>
internal sealed class ProblemScene
{
    private readonly ProblemTemplate _template;
    private readonly ProblemDraws _draws;
    private readonly Dictionary<char, int> _numbers = [];
    private readonly (string Name, string Pronoun)[] _people;
    private readonly (string One, string Many) _thing, _other, _container;
    private readonly (string Base, string Present, string Past) _gain, _loss;
    private readonly bool _distracted;

    public ProblemScene(ProblemTemplate template, ProblemLevel level, ProblemDraws draws)
    {
        (_template, _draws) = (template, draws);
        _people = Distinct(ProblemWords.People, 3);
        var things = Distinct(ProblemWords.Things, 2);
        (_thing, _other) = (things[0], things[1]);
        _container = draws.Of(ProblemWords.Containers);
        (_gain, _loss) = (draws.Of(ProblemWords.Gains), draws.Of(ProblemWords.Losses));
        _distracted = draws.Below(100) < level.Distraction;
        do
        {
            foreach (var variable in template.Variables)
            {
                var (low, high) = ProblemTemplate.IsFactor(variable) ? level.Factors!.Value : level.Terms;
                _numbers[variable] = draws.Between(low, high);
            }
        }
        while (!Solve());
        _numbers['k'] = draws.Between(level.Terms.Low, Math.Min(level.Terms.High, 90));
    }

    public WordProblem Tell()
    {
        var story = new StringBuilder();
        Append(story, _template.Telling);
        if (_distracted)
        {
            Append(story, _draws.Of(ProblemWords.Distractions));
        }

        Append(story, _template.Question);
        var solution = new StringBuilder();
        var answer = "";
        for (var i = 0; i < _template.Steps.Count; i++)
        {
            var step = _template.Steps[i];
            answer = Number(ProblemTemplate.Results[i]);
            solution.Append(CultureInfo.InvariantCulture, $"{Number(step.Left)} {step.Operation} {Number(step.Right)} = {answer}\n");
        }

        return new WordProblem(story.ToString(), solution.Append("#### ").Append(answer).ToString(), answer);
    }

    /// <summary>Computes the steps; false when one has no result that a story can tell.</summary>
    private bool Solve()
    {
        for (var i = 0; i < _template.Steps.Count; i++)
        {
            var step = _template.Steps[i];
            if (ProblemStep.Result(_numbers[step.Left], step.Operation, _numbers[step.Right]) is not { } result)
            {
                return false;
            }

            _numbers[ProblemTemplate.Results[i]] = result;
        }

        return true;
    }

    private void Append(StringBuilder text, IReadOnlyList<StoryPart> parts)
    {
        foreach (var part in parts)
        {
            text.Append(part.IsSlot ? Slot(part.Text) : part.Text);
        }
    }

    private string Slot(string slot) => slot switch
    {
        "A" or "B" or "C" => _people[slot[0] - 'A'].Name,
        "he" => _people[0].Pronoun,
        "He" => char.ToUpperInvariant(_people[0].Pronoun[0]) + _people[0].Pronoun[1..],
        "thing" => _thing.One,
        "things" => _thing.Many,
        "box" => _container.One,
        "boxes" => _container.Many,
        "gain" => _gain.Base,
        "gains" => _gain.Present,
        "gained" => _gain.Past,
        "lose" => _loss.Base,
        "loses" => _loss.Present,
        "lost" => _loss.Past,
        ['a', 'r', 'e', ' ', var n] => _numbers[n] == 1 ? "is" : "are",
        ['w', 'a', 's', ' ', var n] => _numbers[n] == 1 ? "was" : "were",
        [var n] => Number(n),
        _ => Counted(slot),
    };

    /// <summary>A number, words as they are and a noun that agrees with the number.</summary>
    private string Counted(string slot)
    {
        var noun = slot[(slot.LastIndexOf(' ') + 1)..];
        var (one, many) = noun switch
        {
            "thing" => _thing,
            "other" => _other,
            "box" => _container,
            _ => (noun, ProblemWords.Plurals[noun]),
        };
        return $"{Number(slot[0])}{slot[1..^noun.Length]}{(_numbers[slot[0]] == 1 ? one : many)}";
    }

    private string Number(char variable) => _numbers[variable].ToString(CultureInfo.InvariantCulture);

    private T[] Distinct<T>(T[] from, int count)
    {
        var taken = new List<T>(count);
        while (taken.Count < count)
        {
            var next = _draws.Of(from);
            if (!taken.Contains(next))
            {
                taken.Add(next);
            }
        }

        return [.. taken];
    }
}
