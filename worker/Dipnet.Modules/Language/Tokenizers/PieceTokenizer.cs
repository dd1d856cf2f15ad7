using System.Globalization;
using System.Text;

namespace Dipnet.Modules.Language;

/// <summary>
/// Byte-pair encoding of characters in which ▁ stands for a space, as SentencePiece's models are converted to tokenizer.json: Llama 2, Mistral.
/// </summary>
internal sealed class PieceTokenizer : VocabularyTokenizer
{
    internal const char Space = '▁';

    readonly BytePairs _bytePairs;
    readonly PieceMerger _merger;
    readonly TextNormalizer _normalizer;
    readonly WordCutter _cutter;
    readonly bool _dropsFirstSpace, _beginsEveryPart, _cutsAtSpaces;
    readonly int[]? _byteTokens;
    readonly WordCache _cache;

    /// <param name="bytePairs">Vocabulary and merges.</param>
    /// <param name="added">Tokens that are found by name.</param>
    /// <param name="normalizer">Applied to the text between them.</param>
    /// <param name="cutter">Cuts that into words.</param>
    /// <param name="beginsEveryPart">What follows an added token gets the prefix of a text's beginning.</param>
    /// <param name="dropsFirstSpace">A decoded text loses its first space.</param>
    public PieceTokenizer(
        BytePairs bytePairs, IReadOnlyList<AddedToken> added, TextNormalizer normalizer, WordCutter cutter, bool beginsEveryPart, bool dropsFirstSpace)
        : base(bytePairs.Vocabulary.Select(p => (p.Value, PieceBytes(p.Key, bytePairs.ByteFallback))), added)
    {
        (_bytePairs, _normalizer, _cutter) = (bytePairs, normalizer, cutter);
        _cache = new WordCache(Merge);
        (_beginsEveryPart, _dropsFirstSpace) = (beginsEveryPart, dropsFirstSpace);
        var merges = new Dictionary<(int, int), (int, float)>(bytePairs.Merges.Count);
        for (var i = 0; i < bytePairs.Merges.Count; i++)
        {
            var (left, right) = bytePairs.Merges[i];
            merges.TryAdd((Id(left, i), Id(right, i)), (Id(left + right, i), i));
        }
        _merger = new PieceMerger((left, right) => merges.TryGetValue((left, right), out var merged) ? merged : null);
        var bytes = Enumerable.Range(0, 256).Select(v => bytePairs.Vocabulary.GetValueOrDefault(ByteName(v), -1)).ToArray();
        _byteTokens = bytePairs.ByteFallback && !bytes.Contains(-1) ? bytes : null;
        // No merge crosses from something else to a space: words can be merged one by one, and most of them only once.
        _cutsAtSpaces = !bytePairs.Merges.Any(static m => m.Left[^1] != Space && m.Right[0] == Space)
            && !(bytePairs.WholeWordsFirst && bytePairs.Vocabulary.Keys.Any(static p => p.AsSpan().TrimStart(Space).Contains(Space)));

        int Id(string piece, int merge) => bytePairs.Vocabulary.TryGetValue(piece, out var id)
            ? id : throw new ModelFormatException(bytePairs.File, $"model.merges[{merge}]: '{piece}' is not in the vocabulary");
    }

    public override bool DropsFirstSpace => _dropsFirstSpace;

    protected override bool BeginsEveryPart => _beginsEveryPart;

    /// <summary>The bytes of a piece: its own for &lt;0xNN&gt;, else its text with spaces for the marks.</summary>
    internal static byte[] PieceBytes(string piece, bool byteFallback) =>
        byteFallback && piece is ['<', '0', 'x', _, _, '>'] && byte.TryParse(piece.AsSpan(3, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value)
            ? [value] : Encoding.UTF8.GetBytes(piece.Replace(Space, ' '));

    static string ByteName(int value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");

    protected override void EncodePart(string text, bool isFirst, List<int> ids)
    {
        foreach (var word in _cutter.Cut(_normalizer.Apply(text, isFirst), isFirst))
        {
            if (!_cutsAtSpaces)
            {
                ids.AddRange(_cache.Encode(word));
                continue;
            }
            var from = 0;
            for (var at = 1; at < word.Length; at++)
            {
                if (word[at] == Space && word[at - 1] != Space)
                {
                    ids.AddRange(_cache.Encode(word[from..at]));
                    from = at;
                }
            }
            ids.AddRange(_cache.Encode(word[from..]));
        }
    }

    int[] Merge(string word)
    {
        if (_bytePairs.WholeWordsFirst && _bytePairs.Vocabulary.TryGetValue(word, out var whole))
        {
            return [whole];
        }
        var symbols = new List<int>(word.Length);
        Span<byte> bytes = stackalloc byte[4];
        var afterUnknown = false;
        foreach (var rune in word.EnumerateRunes())
        {
            var known = true;
            if (_bytePairs.Vocabulary.TryGetValue(rune.ToString(), out var id))
            {
                symbols.Add(id);
            }
            else if (_byteTokens is not null)
            {
                foreach (var value in bytes[..rune.EncodeToUtf8(bytes)])
                {
                    symbols.Add(_byteTokens[value]);
                }
            }
            else
            {
                known = false;
                if (!(afterUnknown && _bytePairs.FuseUnknown))
                {
                    symbols.Add(_bytePairs.Unknown!.Value);
                }
            }
            afterUnknown = !known;
        }
        var merged = symbols.ToArray();
        return merged[.._merger.Merge(merged)];
    }
}
