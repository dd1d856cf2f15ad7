using System.Collections.Concurrent;

namespace Dipnet.Modules.Language;

/// <summary>Remembers the tokens of short words, of which most texts have few. Thread-safe.</summary>
/// <param name="encode">A pure function.</param>
internal sealed class WordCache(Func<string, int[]> encode)
{
    const int LongestWord = 32;
    const int MostWords = 100_000;

    readonly ConcurrentDictionary<string, int[]> _words = new(StringComparer.Ordinal);
    int _count;

    public int[] Encode(string word)
    {
        if (_words.TryGetValue(word, out var tokens))
        {
            return tokens;
        }
        tokens = encode(word);
        if (word.Length <= LongestWord && Volatile.Read(ref _count) < MostWords && _words.TryAdd(word, tokens))
        {
            Interlocked.Increment(ref _count);
        }
        return tokens;
    }
}
