namespace Dipnet.Worker.Language;

/// <summary>One row of a batch: context + 1 tokens; token i predicts token i + 1.</summary>
/// <param name="Tokens">Ids; what is left over at the end is filled with the end token and is no target.</param>
/// <param name="Targets">True where the token is to be predicted; never the first token of a row or of a document.</param>
/// <param name="Documents">Number of the document of each token, from 0 upwards; the filling counts as one.</param>
internal sealed record PackedSequence(int[] Tokens, bool[] Targets, int[] Documents)
{
    /// <summary>Tokens to be predicted.</summary>
    public int TargetCount => Targets.Count(static t => t);

    /// <summary>A target of one document could look at a token of another unless attention is masked.</summary>
    public bool NeedsMask => Array.LastIndexOf(Targets, true) is >= 0 and var last && Documents[last] > 0;
}
