namespace Dipnet.Modules.Language;

/// <summary>
/// Byte-pair encoding of one run of symbols: again and again the adjacent pair with the lowest priority value (the leftmost of equals) becomes one symbol.
/// n·log n in the number of symbols.
/// </summary>
/// <param name="merge">Symbol and priority of a pair; null: the pair never merges.</param>
internal sealed class PieceMerger(Func<int, int, (int Symbol, float Priority)?> merge)
{
    /// <summary>Merges <paramref name="symbols"/> in place and returns how many remain at its start.</summary>
    public int Merge(Span<int> symbols)
    {
        var count = symbols.Length;
        if (count < 2)
        {
            return count;
        }
        var next = new int[count];
        var previous = new int[count];
        var queue = new PriorityQueue<(int Left, int Right, int LeftSymbol, int RightSymbol, int Symbol), (float, int)>(count);
        for (var i = 0; i < count; i++)
        {
            (previous[i], next[i]) = (i - 1, i + 1);
            if (i > 0)
            {
                Offer(queue, symbols, i - 1, i);
            }
        }
        while (queue.TryDequeue(out var pair, out _))
        {
            // Stale when either side has been merged since: its symbol differs, or −1 marks a consumed place.
            if (symbols[pair.Left] != pair.LeftSymbol || symbols[pair.Right] != pair.RightSymbol || next[pair.Left] != pair.Right)
            {
                continue;
            }
            symbols[pair.Left] = pair.Symbol;
            symbols[pair.Right] = -1;
            next[pair.Left] = next[pair.Right];
            if (next[pair.Left] < count)
            {
                previous[next[pair.Left]] = pair.Left;
                Offer(queue, symbols, pair.Left, next[pair.Left]);
            }
            if (previous[pair.Left] >= 0)
            {
                Offer(queue, symbols, previous[pair.Left], pair.Left);
            }
        }
        var kept = 0;
        for (var i = 0; i < count; i = next[i])
        {
            symbols[kept++] = symbols[i];
        }
        return kept;
    }

    void Offer(PriorityQueue<(int, int, int, int, int), (float, int)> queue, Span<int> symbols, int left, int right)
    {
        if (merge(symbols[left], symbols[right]) is { } found)
        {
            queue.Enqueue((left, right, symbols[left], symbols[right], found.Symbol), (found.Priority, left));
        }
    }
}
