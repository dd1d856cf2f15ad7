namespace Dipnet.Worker.Data;

/// <summary>
/// Which samples a microbatch has: a seeded permutation of the training set an epoch, read on without a gap from step to step. A pure function of
/// (seed, step, microbatch), so the data position of a job is its step number. A batch may cross the end of an epoch; no sample is left out or
/// seen twice in one epoch. Not thread-safe: it keeps the two newest permutations.
/// </summary>
public sealed class SampleOrder
{
    private readonly int _samples;
    private readonly ulong _seed;
    private readonly int _globalBatch;
    private readonly int _microbatch;
    private readonly int[][] _permutations = new int[2][];
    private readonly long[] _epochs = [-1, -1];

    /// <param name="samples">Training samples, at least 1.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="globalBatch">Samples a step.</param>
    /// <param name="microbatches">Leaves a step; divides <paramref name="globalBatch"/>.</param>
    public SampleOrder(int samples, ulong seed, int globalBatch, int microbatches)
    {
        if (samples < 1)
        {
            throw new DataException("the training set has no samples");
        }

        if (microbatches < 1 || globalBatch % microbatches != 0)
        {
            throw new DataException($"global-batch {globalBatch} is not a multiple of microbatches {microbatches}");
        }

        (_samples, _seed, _globalBatch, _microbatch) = (samples, seed, globalBatch, globalBatch / microbatches);
    }

    /// <summary>Samples of one microbatch.</summary>
    public int MicrobatchSize => _microbatch;

    /// <summary>Writes the sample ids of a microbatch; <paramref name="ids"/> has <see cref="MicrobatchSize"/> elements.</summary>
    public void Fill(ulong step, int microbatch, Span<int> ids)
    {
        var position = (long)step * _globalBatch + (long)microbatch * _microbatch;
        for (var i = 0; i < _microbatch; i++, position++)
        {
            ids[i] = Permutation(position / _samples)[position % _samples];
        }
    }

    /// <summary>The order of epoch <paramref name="epoch"/>, by Fisher and Yates.</summary>
    public static int[] Permute(int samples, ulong seed, ulong epoch)
    {
        var order = new int[samples];
        var hash = new CounterHash(seed, epoch);
        for (var i = 0; i < samples; i++)
        {
            var j = hash.Below(i + 1, (ulong)i);
            order[i] = order[j];
            order[j] = i;
        }

        return order;
    }

    private int[] Permutation(long epoch)
    {
        var at = (int)(epoch & 1);
        if (_epochs[at] != epoch)
        {
            _permutations[at] = Permute(_samples, _seed, (ulong)epoch);
            _epochs[at] = epoch;
        }

        return _permutations[at];
    }
}
