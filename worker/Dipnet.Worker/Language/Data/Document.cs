namespace Dipnet.Worker.Language;

/// <summary>One text of a data set as tokens.</summary>
/// <param name="Tokens">Ids, begin and end token included.</param>
/// <param name="Learned">Which of them are targets: prompts are given, not learned.</param>
internal sealed record Document(int[] Tokens, bool[] Learned);
