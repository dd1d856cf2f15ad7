using System.Text;
using Dipnet.Modules.Language;

namespace Dipnet.Worker.Language;

/// <summary>A language model as the one who answers.</summary>
internal sealed class TaskAnswers
{
    private readonly TextTokenizer _tokenizer;
    private readonly bool _chat;
    private readonly TextGenerator[] _generators;
    private readonly CancellationToken _stop;

    /// <param name="votes">Each vote has a seed of its own.</param>
    public TaskAnswers(DecoderModel model, TextTokenizer tokenizer, GenerationOptions options, int votes, bool chat, CancellationToken stop)
    {
        (_tokenizer, _chat, _stop) = (tokenizer, chat, stop);
        _generators = [.. Enumerable.Range(0, votes).Select(v => new TextGenerator(model, tokenizer, options with { Seed = options.Seed + (ulong)v }))];
    }

    public string Complete(string prompt, int vote)
    {
        if (!_chat)
        {
            return _generators[vote].Complete(prompt, _stop);
        }

        using var text = _generators[vote].Begin(_tokenizer.Encode(prompt, begin: false, special: true));
        var whole = new StringBuilder();
        while (text.TryNext(out var piece))
        {
            _stop.ThrowIfCancellationRequested();
            whole.Append(piece);
        }

        return whole.ToString();
    }
}
