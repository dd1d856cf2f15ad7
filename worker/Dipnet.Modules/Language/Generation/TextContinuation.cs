namespace Dipnet.Modules.Language;

/// <summary>One text under way: gives its continuation piece by piece and says how it ended. Not thread-safe.</summary>
public sealed class TextContinuation : IDisposable
{
    readonly TokenStream _tokens;
    readonly TokenDecoder _decoder;
    readonly StopMatcher _stops;
    bool _ended;

    internal TextContinuation(DecoderModel model, TextTokenizer tokenizer, GenerationOptions options, IReadOnlyList<int> prompt)
    {
        _tokens = new TokenStream(model, prompt, options, tokenizer.EndTokens);
        _stops = new StopMatcher(options.Stop);
        _decoder = new TokenDecoder(tokenizer);
        foreach (var token in prompt)
        {
            _decoder.Next(token);      // so that a space after the prompt is not taken for the text's first
        }
    }

    public int PromptTokens => _tokens.PromptTokens;

    /// <summary>Tokens of the continuation; with a stop text also those of it.</summary>
    public int NewTokens => _tokens.NewTokens;

    /// <summary>Null while there may be more.</summary>
    public FinishReason? Finish => _stops.IsStopped ? FinishReason.StopText : _tokens.Finish;

    /// <summary>Text that has become final with one more token, perhaps none; false at the end.</summary>
    public bool TryNext(out string piece)
    {
        piece = "";
        if (_ended)
        {
            return false;
        }
        if (_tokens.TryNext(out var token))
        {
            piece = _stops.Push(_decoder.Next(token));
            _ended = _stops.IsStopped;
            return true;
        }
        _ended = true;
        piece = _stops.Push(_decoder.End());
        piece += _stops.End();
        return true;
    }

    public void Dispose() => _tokens.Dispose();
}
