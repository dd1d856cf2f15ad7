using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace Dipnet.Modules.Language;

/// <summary>
/// Byte-pair encoding of UTF-8 bytes within words: GPT-2, Llama 3, Qwen2, SmolLM. Normalization and cutting are ours, merging is Microsoft.ML.Tokenizers'.
/// </summary>
internal sealed partial class ByteLevelTokenizer : VocabularyTokenizer
{
    readonly TextNormalizer _normalizer;
    readonly WordCutter _cutter;
    readonly BpeTokenizer _merger;
    readonly IReadOnlyDictionary<string, int>? _whole;      // the bytes of a word as Latin-1 characters
    readonly WordCache _cache;

    /// <param name="bytePairs">Vocabulary and merges; every byte must have a token.</param>
    /// <param name="added">Tokens that are found by name.</param>
    /// <param name="normalizer">Applied to the text between them.</param>
    /// <param name="cutter">Cuts that into words.</param>
    public ByteLevelTokenizer(BytePairs bytePairs, IReadOnlyList<AddedToken> added, TextNormalizer normalizer, WordCutter cutter)
        : base(bytePairs.Vocabulary.Select(static p => (p.Value, ByteAlphabet.Bytes(p.Key))), added)
    {
        for (var value = 0; value < 256; value++)
        {
            if (!bytePairs.Vocabulary.ContainsKey(ByteAlphabet.Character((byte)value).ToString()))
            {
                throw new ModelFormatException(bytePairs.File, $"vocab: has no token for byte {value} ('{ByteAlphabet.Character((byte)value)}'); all 256 must be there");
            }
        }
        (_normalizer, _cutter, _cache) = (normalizer, cutter, new WordCache(Merge));
        _whole = bytePairs.WholeWordsFirst
            ? bytePairs.Vocabulary.ToDictionary(static p => Encoding.Latin1.GetString(ByteAlphabet.Bytes(p.Key)), static p => p.Value)
            : null;
        _merger = BpeTokenizer.Create(new BpeOptions(bytePairs.Vocabulary) { Merges = bytePairs.Merges.Select(static m => $"{m.Left} {m.Right}"), ByteLevel = true });
    }

    /// <summary>GPT-2's words: English contractions, letters, digits and other characters with one space in front, and runs of white space.</summary>
    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    internal static partial Regex Gpt2Words { get; }

    protected override bool BeginsEveryPart => true;

    protected override void EncodePart(string text, bool isFirst, List<int> ids)
    {
        foreach (var word in _cutter.Cut(_normalizer.Apply(text, isFirst), isFirst))
        {
            ids.AddRange(_cache.Encode(word));
        }
    }

    int[] Merge(string word) => _whole is not null && _whole.TryGetValue(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(word)), out var id)
        ? [id]
        : [.. _merger.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false)];
}
