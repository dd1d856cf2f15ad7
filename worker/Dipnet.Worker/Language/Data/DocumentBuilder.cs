using Dipnet.Modules.Language;

namespace Dipnet.Worker.Language;

/// <summary>Puts a document together from parts that are given and parts that are learned.</summary>
internal sealed class DocumentBuilder(TextTokenizer tokenizer)
{
    private readonly List<int> _tokens = [];
    private readonly List<bool> _learned = [];

    /// <summary>
    /// Each part is encoded apart, as generation sees it: the prompt alone, then what follows it.
    /// </summary>
    /// <param name="text">Empty: only the begin token, where it opens the document.</param>
    /// <param name="learned">The part is a target.</param>
    /// <param name="special">Read names of special tokens in the text as those tokens (chat templates write them).</param>
    /// <param name="begin">Put the begin token in front of the first part.</param>
    public void Add(string text, bool learned, bool special = false, bool begin = true)
    {
        var first = _tokens.Count == 0;
        var ids = first ? tokenizer.Encode(text, begin, special) : tokenizer.EncodeContinuation(text, special);
        _tokens.AddRange(ids);
        _learned.AddRange(Enumerable.Repeat(learned, ids.Count));
    }

    /// <summary>Adds the end token as a target, where the tokenizer has one.</summary>
    public DocumentBuilder End()
    {
        if (tokenizer.EndTokens.Count > 0)
        {
            _tokens.Add(tokenizer.EndTokens[0]);
            _learned.Add(true);
        }

        return this;
    }

    /// <summary>A prompt that is given, possibly empty, and a completion that is learned, with the end token.</summary>
    public static Document Pair(string prompt, string completion, TextTokenizer tokenizer)
    {
        var builder = new DocumentBuilder(tokenizer);
        if (prompt.Length > 0)
        {
            builder.Add(prompt, learned: false);
        }

        builder.Add(completion, learned: true);
        return builder.End().Build();
    }

    public Document Build() => new([.. _tokens], [.. _learned]);
}
