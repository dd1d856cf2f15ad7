namespace Dipnet.Worker.Language;

/// <summary>What a language job trains on and is measured by.</summary>
/// <param name="Training">Its ids are the job's sample ids.</param>
/// <param name="Test">Held-out sequences, for likelihood.</param>
/// <param name="Problems">Held-out word problems, for exact answers; empty for texts.</param>
/// <param name="Files">What the sets keep open; disposed with the data.</param>
internal sealed record LanguageData(ISequenceSet Training, ISequenceSet Test, IReadOnlyList<WordProblem> Problems, IReadOnlyList<IDisposable> Files) : IDisposable
{
    public void Dispose()
    {
        foreach (var file in Files)
        {
            file.Dispose();
        }
    }
}
