namespace Dipnet.Modules.Language;

/// <summary>A tokenizer with a list of pieces and tokens that are found by name: splits at those, then encodes what is between.</summary>
internal abstract class VocabularyTokenizer : TextTokenizer
{
    readonly TokenPieces _pieces;
    readonly IReadOnlyList<AddedToken> _special;
    readonly SpecialTokenSplitter? _ordinary;

    protected VocabularyTokenizer(IEnumerable<(int Id, byte[] Bytes)> vocabulary, IReadOnlyList<AddedToken> added)
    {
        _pieces = new TokenPieces(vocabulary, added);
        _special = [.. added.Where(static t => t.Special)];
        SpecialTokens = _special.ToDictionary(static t => t.Name, static t => t.Id);
        var ordinary = added.Where(static t => !t.Special).ToList();
        _ordinary = ordinary.Count > 0 ? new SpecialTokenSplitter(ordinary) : null;
    }

    public sealed override int VocabularySize => _pieces.Count;

    public sealed override IReadOnlyDictionary<string, int> SpecialTokens { get; }

    private protected sealed override IReadOnlyList<AddedToken> SpecialAdded => _special;

    public sealed override ReadOnlyMemory<byte> Bytes(int id) => _pieces.Bytes(id);

    public sealed override bool IsSpecial(int id) => _pieces.IsSpecial(id);

    protected sealed override void EncodePlain(string text, bool isFirst, List<int> ids)
    {
        if (_ordinary is null)
        {
            EncodePart(text, isFirst, ids);
            return;
        }
        foreach (var (part, token) in _ordinary.Split(text))
        {
            if (token is { } id)
            {
                if (isFirst)
                {
                    BeginWithToken(ids);
                }
                ids.Add(id);
            }
            else
            {
                EncodePart(part, isFirst, ids);
            }
            isFirst &= BeginsEveryPart;
        }
    }

    /// <summary>Called when an ordinary added token begins a text.</summary>
    protected virtual void BeginWithToken(List<int> ids)
    {
    }

    /// <param name="text">Without added tokens.</param>
    /// <param name="isFirst">Encode it as the beginning of a text.</param>
    /// <param name="ids">Appended to.</param>
    protected abstract void EncodePart(string text, bool isFirst, List<int> ids);
}
