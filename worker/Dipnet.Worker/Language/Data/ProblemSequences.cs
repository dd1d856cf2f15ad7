using Dipnet.Modules.Language;

namespace Dipnet.Worker.Language;

/// <summary>Endless word problems as packed rows: a row holds as many whole problems as fit, taken from a run of problems that is its own.</summary>
internal sealed class ProblemSequences(WordProblems problems, TextTokenizer tokenizer, int context, int count) : ISequenceSet
{
    /// <summary>Problems that are reserved for a row; more than fit into one.</summary>
    private const long Stride = 1 << 16;

    private readonly int _endToken = tokenizer.EndTokens.Count > 0 ? tokenizer.EndTokens[0] : 0;

    public int Count => count;

    public PackedSequence this[int id]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)count);
            return SequencePacker.Whole(Documents(id), context, _endToken).First();
        }
    }

    private IEnumerable<Document> Documents(int id)
    {
        for (var i = 0L; i < Stride; i++)
        {
            var problem = problems[id * Stride + i];
            yield return DocumentBuilder.Pair(WordProblems.Prompt(problem.Question), problem.Solution, tokenizer);
        }
    }
}
