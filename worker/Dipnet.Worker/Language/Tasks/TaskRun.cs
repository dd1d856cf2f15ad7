namespace Dipnet.Worker.Language;

/// <summary>Puts the examples of a task to a model one after the other.</summary>
/// <param name="prompt">How to ask.</param>
/// <param name="answer">Completes a prompt; the second argument is the number of the vote.</param>
/// <param name="votes">Answers to each question, of which the most frequent counts; at least 1.</param>
/// <param name="typos">Share of letters with a typing error, 0 … 1.</param>
internal sealed class TaskRun(TaskPrompt prompt, Func<string, int, string> answer, int votes, double typos)
{
    /// <summary>Outcomes as they come.</summary>
    /// <exception cref="ArgumentException">A prompt is too long for the model; the message names the example.</exception>
    public IEnumerable<TaskOutcome> Outcomes(IReadOnlyList<TaskExample> examples, CancellationToken stop = default)
    {
        for (var i = 0; i < examples.Count; i++)
        {
            stop.ThrowIfCancellationRequested();
            yield return Outcome(i, examples[i], stop);
        }
    }

    private TaskOutcome Outcome(int number, TaskExample example, CancellationToken stop)
    {
        var question = Typos.Apply(example.Question, (ulong)number, typos);
        var asked = prompt.Of(question);
        var completions = new List<string>(votes);
        for (var vote = 0; vote < votes; vote++)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                completions.Add(answer(asked, vote));
            }
            catch (ArgumentException e)
            {
                throw new ArgumentException($"example {number + 1}: {e.Message}; fewer --shots make a shorter prompt", e);
            }
        }

        var extracted = MajorityVote.Winner([.. completions.Select(AnswerExtraction.Number)]);
        return new TaskOutcome(number, question, asked, completions, extracted, example.Answer, MajorityVote.IsRight(extracted, example.Answer));
    }
}
