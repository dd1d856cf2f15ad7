using System.Buffers;

namespace Dipnet.Modules.Language;

/// <summary>Cuts a text at the names of tokens; at one place the longest name wins.</summary>
internal sealed class SpecialTokenSplitter(IReadOnlyList<AddedToken> tokens)
{
    readonly SearchValues<string> _names = SearchValues.Create([.. tokens.Select(static t => t.Name)], StringComparison.Ordinal);
    readonly AddedToken[] _longestFirst = [.. tokens.OrderByDescending(static t => t.Name.Length)];

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
            var start = at + next;
            var token = _longestFirst.First(t => string.CompareOrdinal(text, start, t.Name, 0, t.Name.Length) == 0);
            var plain = token.StripLeft ? text.AsSpan(at, next).TrimEnd() : text.AsSpan(at, next);
            if (plain.Length > 0)
            {
                yield return (plain.ToString(), null);
            }
            yield return (token.Name, token.Id);
            at = start + token.Name.Length;
            while (token.StripRight && at < text.Length && char.IsWhiteSpace(text[at]))
            {
                at++;
            }
        }
    }
}
