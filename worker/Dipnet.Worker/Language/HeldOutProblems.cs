using Dipnet.Modules.Language;
using Dipnet.Protos;

namespace Dipnet.Worker.Language;

/// <summary>Exact answers to held-out word problems, greedily generated: as they are, and with typing errors.</summary>
internal sealed class HeldOutProblems(DecoderModel model, TextTokenizer tokenizer, JobSpec job)
{
    /// <summary>Adds the problems whose number leaves <paramref name="part"/> on division by <paramref name="parts"/>.</summary>
    /// <param name="trajectories">Token probabilities are averaged over these draws; 0: mean mode, without noise.</param>
    public void Add(IReadOnlyList<WordProblem> problems, int trajectories, int part, int parts, EvalCounts counts, CancellationToken interrupt)
    {
        // Twice the longest solution: a model that has not found the answer by then goes on in circles.
        var longest = 2 * problems.Max(p => tokenizer.EncodeContinuation(p.Solution).Count);
        var generator = new TextGenerator(
            model, tokenizer, new GenerationOptions { MaxTokens = longest, Temperature = 0, Trajectories = trajectories, Seed = job.Seed });
        var count = job.Eval.Samples > 0 ? (int)Math.Min(job.Eval.Samples, problems.Count) : problems.Count;
        for (var i = part; i < count && !interrupt.IsCancellationRequested; i += parts)
        {
            var (question, answer) = (problems[i].Question, problems[i].Answer);
            counts.Samples++;
            counts.Correct += Solves(generator, question, answer);
            if (job.Eval.TypoRate > 0)
            {
                counts.Typos++;
                counts.TypoCorrect += Solves(generator, Typos.Apply(question, (ulong)i, job.Eval.TypoRate), answer);
            }
        }
    }

    private static ulong Solves(TextGenerator generator, string question, string answer) =>
        AnswerExtraction.Number(generator.Complete(WordProblems.Prompt(question))) == answer ? 1ul : 0ul;
}
