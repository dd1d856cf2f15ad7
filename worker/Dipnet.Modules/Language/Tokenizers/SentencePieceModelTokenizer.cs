using Microsoft.ML.Tokenizers;

namespace Dipnet.Modules.Language;

/// <summary>A SentencePiece model file (BPE or unigram): Microsoft.ML.Tokenizers encodes, pieces and their kinds are read from the file.</summary>
internal sealed class SentencePieceModelTokenizer : VocabularyTokenizer
{
    // Appended to the file: normalizer_spec { add_dummy_prefix: false }. A message that is given twice is merged, the last value wins.
    static readonly byte[] NoPrefix = [3 << 3 | 2, 2, 3 << 3, 0];

    readonly SentencePieceTokenizer _first, _following;
    readonly int? _space;

    SentencePieceModelTokenizer(SentencePieceFile file, SentencePieceTokenizer first, SentencePieceTokenizer following)
        : base(file.Pieces.Select(static (p, i) => (i, PieceTokenizer.PieceBytes(p.Text, p.Kind == SentencePieceFile.Kind.Byte))), Added(file)) =>
        (_first, _following, _space) = (first, following, file.IdOf(PieceTokenizer.Space.ToString()));

    /// <exception cref="ModelFormatException">Not a SentencePiece model, or of a kind that is not supported.</exception>
    public static SentencePieceModelTokenizer Load(string path, TokenizerSettings settings)
    {
        var content = File.ReadAllBytes(path);
        var file = SentencePieceFile.Parse(content, path);
        if (file.Pieces.FirstOrDefault(static p => p.Kind == SentencePieceFile.Kind.UserDefined && p.Text.Contains(PieceTokenizer.Space)).Text is { } spaced)
        {
            throw new ModelFormatException(path, $"piece '{spaced}' is user-defined and has a space; that is not supported");
        }
        try
        {
            var first = SentencePieceTokenizer.Create(new MemoryStream(content), addBeginningOfSentence: false, addEndOfSentence: false);
            var following = SentencePieceTokenizer.Create(new MemoryStream([.. content, .. NoPrefix]), addBeginningOfSentence: false, addEndOfSentence: false);
            var ends = settings.EndTokens(file.IdOf);
            return new SentencePieceModelTokenizer(file, first, following)
            {
                BeginToken = file.IdOf(first.BeginningOfSentenceToken),
                EndTokens = ends.Count == 0 && file.IdOf(first.EndOfSentenceToken) is { } end ? [end] : ends,
                Chat = settings.Chat,
            };
        }
        catch (Exception e) when (e is not ModelFormatException and not OutOfMemoryException)
        {
            throw new ModelFormatException(path, $"is not supported: {e.Message}");
        }
    }

    public override bool DropsFirstSpace => _first.AddDummyPrefix;

    protected override void EncodePart(string text, bool isFirst, List<int> ids) =>
        ids.AddRange((isFirst ? _first : _following).EncodeToIds(text, addBeginningOfSentence: false, addEndOfSentence: false));

    // The prefix of a text stands alone in front of a piece that is found by name.
    protected override void BeginWithToken(List<int> ids)
    {
        if (_first.AddDummyPrefix && _space is { } space)
        {
            ids.Add(space);
        }
    }

    static List<AddedToken> Added(SentencePieceFile file) => [.. file.Pieces
        .Select(static (p, i) => (Piece: p, Id: i))
        .Where(static p => p.Piece.Kind is SentencePieceFile.Kind.Control or SentencePieceFile.Kind.Unknown or SentencePieceFile.Kind.UserDefined && p.Piece.Text.Length > 0)
        .Select(static p => new AddedToken(p.Id, p.Piece.Text, Special: p.Piece.Kind != SentencePieceFile.Kind.UserDefined))];
}
