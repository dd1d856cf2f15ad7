namespace Dipnet.Modules.Language;

/// <summary>
/// Chooses a token: most probable, or drawn after temperature, then top-k, then top-p over what remains. The draw at a position is a pure function of seed,
/// position and scores. Keeps its buffers; not thread-safe.
/// </summary>
internal sealed class TokenSampler(GenerationOptions options)
{
    // Two uniform values of 24 bits make one of 48.
    const double Fine = 1.0 / (1 << 24);

    double[] _weights = [];
    int[] _ids = [];

    /// <summary>The token at a position.</summary>
    /// <param name="scores">Logits or log-probabilities of all tokens.</param>
    /// <param name="position">Place of the token in the whole sequence: names its random number.</param>
    /// <exception cref="ArithmeticException">A score is not a number or infinite.</exception>
    public int Choose(ReadOnlySpan<float> scores, long position)
    {
        var best = MostProbable(scores);
        return options.Temperature == 0 || options.TopK == 1 ? best : Draw(scores, scores[best], Uniform(position));
    }

    /// <summary>In [0, 1).</summary>
    double Uniform(long position)
    {
        Span<float> pair = stackalloc float[2];
        CounterNoise.FillUniform(pair, TokenNoise.Draw(options.Seed, position));
        return pair[0] + pair[1] * Fine;
    }

    static int MostProbable(ReadOnlySpan<float> scores)
    {
        var best = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            if (float.IsNaN(scores[i]) || float.IsPositiveInfinity(scores[i]))
            {
                throw new ArithmeticException($"the model's score of token {i} is {scores[i]}: it must be a number below infinity");
            }
            if (scores[i] > scores[best])
            {
                best = i;
            }
        }
        return best;
    }

    int Draw(ReadOnlySpan<float> scores, float highest, double uniform)
    {
        if (_weights.Length < scores.Length)
        {
            (_weights, _ids) = (new double[scores.Length], new int[scores.Length]);
        }
        var (count, total) = (0, 0.0);
        var lowest = options.TopK > 0 && options.TopK < scores.Length ? KthHighest(scores, options.TopK) : float.NegativeInfinity;
        for (var i = 0; i < scores.Length; i++)
        {
            if (scores[i] >= lowest)
            {
                var weight = Math.Exp((scores[i] - (double)highest) / options.Temperature);
                (_weights[count], _ids[count++]) = (weight, i);
                total += weight;
            }
        }
        if (options.TopK > 0 && count > options.TopK)
        {
            (count, total) = CutTies(count);
        }
        if (options.TopP < 1)
        {
            (count, total) = Nucleus(count, total);
        }
        var (target, sum) = (uniform * total, 0.0);
        var last = 0;
        for (var i = 0; i < count; i++)
        {
            if (_weights[i] > 0)
            {
                last = i;
                if ((sum += _weights[i]) > target)
                {
                    break;
                }
            }
        }
        return _ids[last];
    }

    // Several tokens share the lowest score that top-k lets in: the lower ids stay.
    (int Count, double Total) CutTies(int count)
    {
        Order(count);
        return (options.TopK, Sum(options.TopK));
    }

    (int Count, double Total) Nucleus(int count, double total)
    {
        // A token below (1 − p) / (count − 1) of the whole is in no nucleus: it and those after it would have to hold more than 1 − p. Few remain to be sorted.
        var (floor, kept) = (count > 1 ? (1 - options.TopP) * total / (count - 1) : 0, 0);
        for (var i = 0; i < count; i++)
        {
            if (_weights[i] >= floor)
            {
                (_weights[kept], _ids[kept++]) = (_weights[i], _ids[i]);
            }
        }
        Order(kept);
        var sum = 0.0;
        for (var i = 0; i < kept; i++)
        {
            if ((sum += _weights[i]) >= options.TopP * total)
            {
                return (i + 1, sum);
            }
        }
        return (kept, sum);
    }

    // By weight, highest first; equals by id.
    void Order(int count)
    {
        var weights = _weights.AsSpan(0, count);
        var ids = _ids.AsSpan(0, count);
        for (var i = 0; i < count; i++)
        {
            weights[i] = -weights[i];
        }
        weights.Sort(ids);
        for (var i = 0; i < count; i++)
        {
            weights[i] = -weights[i];
        }
        for (var start = 0; start < count;)
        {
            var end = start + 1;
            while (end < count && weights[end] == weights[start])
            {
                end++;
            }
            ids[start..end].Sort();
            start = end;
        }
    }

    double Sum(int count)
    {
        var sum = 0.0;
        for (var i = 0; i < count; i++)
        {
            sum += _weights[i];
        }
        return sum;
    }

    static float KthHighest(ReadOnlySpan<float> scores, int k)
    {
        var heap = new PriorityQueue<float, float>(k);
        foreach (var score in scores)
        {
            if (heap.Count < k)
            {
                heap.Enqueue(score, score);
            }
            else if (score > heap.Peek())
            {
                heap.EnqueueDequeue(score, score);
            }
        }
        return heap.Peek();
    }
}
