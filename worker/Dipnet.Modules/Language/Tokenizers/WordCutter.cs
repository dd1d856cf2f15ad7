using System.Text.RegularExpressions;

namespace Dipnet.Modules.Language;

/// <summary>The steps that cut a text into the words that tokens never span. Steps run one after the other, each on every word of the one before.</summary>
internal sealed class WordCutter(IReadOnlyList<WordCutter.Step> steps)
{
    /// <summary>Cuts one word; the flag: it stands at the beginning of the input.</summary>
    public delegate void Step(string word, bool isFirst, List<string> words);

    public static WordCutter None { get; } = new([]);

    /// <summary>Matches are words, and what is between them is dropped or a word as well.</summary>
    public static Step AtMatches(Regex pattern, bool dropRest) => (word, _, words) =>
    {
        var (flat, offsets) = FlatText.Of(word);
        var end = 0;
        foreach (var match in pattern.EnumerateMatches(flat))
        {
            Add(end, match.Index, dropRest);
            Add(match.Index, end = match.Index + match.Length, drop: false);
        }
        Add(end, flat.Length, dropRest);

        void Add(int from, int to, bool drop)
        {
            if (to > from && !drop)
            {
                words.Add(offsets is null ? word[from..to] : word[offsets[from]..offsets[to]]);
            }
        }
    };

    /// <summary>Puts a space in front of every word that has none.</summary>
    public static Step SpacePrefix { get; } = static (word, _, words) => words.Add(word[0] == ' ' ? word : " " + word);

    /// <summary>A mark takes the place of each space and, if asked for, begins the input; words begin with a mark.</summary>
    public static Step Marks(char mark, bool prefix, bool cut) => (word, isFirst, words) =>
    {
        var marked = word.Replace(' ', mark);
        marked = prefix && isFirst && marked[0] != mark ? mark + marked : marked;
        var from = 0;
        for (var at = marked.IndexOf(mark, 1); cut && at >= 0; at = marked.IndexOf(mark, at + 1))
        {
            words.Add(marked[from..at]);
            from = at;
        }
        words.Add(marked[from..]);
    };

    public List<string> Cut(string text, bool isFirst)
    {
        List<string> words = text.Length > 0 ? [text] : [];
        foreach (var step in steps)
        {
            var cut = new List<string>(words.Count);
            for (var i = 0; i < words.Count; i++)
            {
                step(words[i], isFirst && i == 0, cut);
            }
            words = cut;
        }
        return words;
    }
}
