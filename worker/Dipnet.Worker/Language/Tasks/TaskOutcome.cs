namespace Dipnet.Worker.Language;

/// <summary>What a model made of one example.</summary>
/// <param name="Question">As asked, with typing errors when there are any.</param>
/// <param name="Completions">One, or one a vote.</param>
/// <param name="Extracted">The answer that counts; null: no number came.</param>
internal sealed record TaskOutcome(int Number, string Question, string Prompt, IReadOnlyList<string> Completions, string? Extracted, string Expected, bool Correct);
