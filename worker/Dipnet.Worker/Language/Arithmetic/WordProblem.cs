namespace Dipnet.Worker.Language;

/// <summary>A problem told in words, with a whole number as its answer.</summary>
/// <param name="Question">The text, one line.</param>
/// <param name="Solution">One line a step, <c>7 + 5 = 12</c>, and as the last line <c>#### 12</c>.</param>
/// <param name="Answer">The number of the last line, digits only.</param>
internal sealed record WordProblem(string Question, string Solution, string Answer);
