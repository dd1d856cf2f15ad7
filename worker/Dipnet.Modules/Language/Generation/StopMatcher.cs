namespace Dipnet.Modules.Language;

/// <summary>
/// Cuts a text at the first stop text that completes (of two that complete at once the longer), and holds back what could still become one.
/// What it gives out does not depend on the pieces in which the text comes. Pure but for what it holds.
/// </summary>
internal sealed class StopMatcher(IReadOnlyList<string> stops)
{
    string _held = "";

    /// <summary>A stop text came up; nothing follows.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Text that is final with this piece.</summary>
    public string Push(string piece)
    {
        if (stops.Count == 0 || piece.Length == 0 || IsStopped)
        {
            return IsStopped ? "" : piece;
        }
        var text = _held + piece;
        var (end, start) = (int.MaxValue, 0);
        foreach (var stop in stops)
        {
            var at = text.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && (at + stop.Length < end || at + stop.Length == end && at < start))
            {
                (end, start) = (at + stop.Length, at);
            }
        }
        if (end < int.MaxValue)
        {
            (IsStopped, _held) = (true, "");
            return text[..start];
        }
        var kept = text.Length - LongestBeginning(text);
        _held = text[kept..];
        return text[..kept];
    }

    /// <summary>What is left when no more text comes.</summary>
    public string End()
    {
        var rest = _held;
        _held = "";
        return rest;
    }

    // Length of the longest end of the text that begins a stop text.
    int LongestBeginning(string text)
    {
        for (var length = Math.Min(text.Length, stops.Max(static s => s.Length) - 1); length > 0; length--)
        {
            if (stops.Any(s => s.Length > length && string.CompareOrdinal(text, text.Length - length, s, 0, length) == 0))
            {
                return length;
            }
        }
        return 0;
    }
}
