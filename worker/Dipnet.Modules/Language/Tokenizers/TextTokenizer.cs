using System.Text;

namespace Dipnet.Modules.Language;

/// <summary>Text ↔ token ids. Thread-safe once built.</summary>
public abstract class TextTokenizer
{
    SpecialTokenSplitter? _splitter;

    /// <summary>One more than the largest id.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>Tokens that stand for no text of their own, such as <c>&lt;|im_end|&gt;</c>, by their name.</summary>
    public abstract IReadOnlyDictionary<string, int> SpecialTokens { get; }

    /// <summary>Token that <see cref="Encode(string, bool, bool)"/> puts in front when asked to; null: none.</summary>
    public int? BeginToken { get; init; }

    /// <summary>Tokens that end a text.</summary>
    public IReadOnlyList<int> EndTokens { get; init; } = [];

    /// <summary>How conversations are written for the model; null: the tokenizer's files do not say.</summary>
    public ChatTemplate? Chat { get; init; }

    /// <summary>The first space of a decoded text belongs to the encoding and is left out.</summary>
    public virtual bool DropsFirstSpace => false;

    /// <summary>Ids of a text.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="begin">Put <see cref="BeginToken"/> in front, where there is one.</param>
    /// <param name="special">Read names of special tokens in the text as those tokens; else as plain text.</param>
    public List<int> Encode(string text, bool begin = false, bool special = false) => Encode(text, begin, special, isFirst: true);

    /// <summary>Ids of a text that follows another: nothing is put in front of it.</summary>
    public List<int> EncodeContinuation(string text, bool special = false) => Encode(text, begin: false, special, isFirst: false);

    List<int> Encode(string text, bool begin, bool special, bool isFirst)
    {
        var ids = new List<int>(text.Length / 3 + 2);
        if (begin && BeginToken is { } first)
        {
            ids.Add(first);
        }
        if (!special || SpecialTokens.Count == 0)
        {
            EncodePlain(text, isFirst, ids);
            return ids;
        }
        _splitter ??= new SpecialTokenSplitter(SpecialAdded);
        var atStart = isFirst;
        foreach (var (part, token) in _splitter.Split(text))
        {
            if (token is { } id)
            {
                ids.Add(id);
            }
            else
            {
                EncodePlain(part, atStart, ids);
            }
            atStart = isFirst && BeginsEveryPart;
        }
        return ids;
    }

    /// <summary>The text of a run of ids; special tokens are left out unless asked for. Bytes that are not UTF-8 become U+FFFD.</summary>
    public string Decode(IEnumerable<int> ids, bool special = false)
    {
        var decoder = new TokenDecoder(this, special);
        var text = new StringBuilder();
        foreach (var id in ids)
        {
            text.Append(decoder.Next(id));
        }
        return text.Append(decoder.End()).ToString();
    }

    /// <summary>UTF-8 bytes that a token stands for; a special token's are its name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such token.</exception>
    public abstract ReadOnlyMemory<byte> Bytes(int id);

    /// <summary>True for tokens that are left out of decoded text.</summary>
    public abstract bool IsSpecial(int id);

    /// <summary>What follows a special token is encoded as the beginning of a text is.</summary>
    protected virtual bool BeginsEveryPart => false;

    private protected virtual IReadOnlyList<AddedToken> SpecialAdded => [.. SpecialTokens.Select(static t => new AddedToken(t.Value, t.Key))];

    /// <param name="text">Without special tokens.</param>
    /// <param name="isFirst">The text begins the input.</param>
    /// <param name="ids">Appended to.</param>
    protected abstract void EncodePlain(string text, bool isFirst, List<int> ids);
}
