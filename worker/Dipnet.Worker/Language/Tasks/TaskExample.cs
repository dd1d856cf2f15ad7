namespace Dipnet.Worker.Language;

/// <summary>One problem of a task.</summary>
/// <param name="Question">As it is put to the model.</param>
/// <param name="Solution">What a perfect answer looks like, ends in <c>#### N</c>; shown when the example serves as a shot.</param>
/// <param name="Answer">The number, in the form of <see cref="AnswerExtraction.Number"/>.</param>
internal sealed record TaskExample(string Question, string Solution, string Answer)
{
    public static TaskExample Of(WordProblem problem) => new(problem.Question, problem.Solution, problem.Answer);
}
