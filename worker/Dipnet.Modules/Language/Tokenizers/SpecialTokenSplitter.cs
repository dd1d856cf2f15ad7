using System.Buffers;

namespace Dipnet.Modules.Language;

/// <summary>Cuts a text at the names of special tokens; at one place the longest name wins.</summary>
internal sealed class SpecialTokenSplitter(IReadOnlyDictionary<string, int> tokens)
{
    readonly SearchValues<string> _names = SearchValues.Create([.. tokens.Keys], StringComparison.Ordinal);
    readonly string[] _longestFirst = [.. tokens.Keys.OrderByDescending(static n => n.Length)];

    /// <summary>Parts in order: a plain text (never empty) or a token.</summary>
    public IEnumerable<(string Text, int? Token)> Split(string text)
    {
        var at = 0;
        while (at < text.Length)
        {
            var next = text.AsSpan(at).IndexOfAny(_names);
            if (next < 0)
            {
                yield return (text[at..], null);
                yield break;
            }
            if (next > 0)
            {
                yield return (text.Substring(at, next), null);
            }
            at += next;
            var name = _longestFirst.First(n => string.CompareOrdinal(text, at, n, 0, n.Length) == 0);
            yield return (name, tokens[name]);
            at += name.Length;
        }
    }
}
