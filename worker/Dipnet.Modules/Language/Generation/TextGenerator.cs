using System.Text;

namespace Dipnet.Modules.Language;

/// <summary>
/// Continues texts. The result is a pure function of model, prompt and options; with the same seed it comes out again. Not thread-safe.
/// </summary>
/// <param name="model">With or without projections.</param>
/// <param name="tokenizer">The model's.</param>
/// <param name="options">Checked when a text begins.</param>
public sealed class TextGenerator(DecoderModel model, TextTokenizer tokenizer, GenerationOptions options)
{
    /// <summary>Begins a text. Special tokens' names in it are plain text.</summary>
    /// <exception cref="ArgumentException">An option breaks its rule, or the prompt has no tokens or too many for the model's context.</exception>
    public TextContinuation Begin(string prompt) => Begin(tokenizer.Encode(prompt, begin: true));

    /// <summary>Begins a text from tokens.</summary>
    /// <exception cref="ArgumentException">As above.</exception>
    public TextContinuation Begin(IReadOnlyList<int> prompt) => new(model, tokenizer, options, prompt);

    /// <summary>The continuation, in pieces of text as they become final; none is empty.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public IEnumerable<string> Stream(string prompt, CancellationToken stop = default)
    {
        using var text = Begin(prompt);
        while (text.TryNext(out var piece))
        {
            stop.ThrowIfCancellationRequested();
            if (piece.Length > 0)
            {
                yield return piece;
            }
        }
    }

    /// <summary>The continuation, without the prompt.</summary>
    public string Complete(string prompt, CancellationToken stop = default)
    {
        var text = new StringBuilder();
        foreach (var piece in Stream(prompt, stop))
        {
            text.Append(piece);
        }
        return text.ToString();
    }
}
