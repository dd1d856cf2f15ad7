namespace Dipnet.Modules;

/// <summary>
/// Names the noise of one forward pass: seed of the job, step (below 2^32) and microbatch (below 2^20). Together with trajectory and layer it decides
/// every drawn value; who draws it, and in how many pieces, does not.
/// </summary>
public readonly record struct NoiseKey(ulong Seed, ulong Step, int Microbatch)
{
    /// <summary>What the noise is for; part of the key.</summary>
    public NoisePurpose Purpose { get; init; }

    /// <summary>The stream of one layer in one trajectory; <paramref name="occurrence"/> tells apart several uses of a layer in one pass.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number does not fit the generator's counter.</exception>
    public NoiseStream Stream(int trajectory, int layer, int occurrence = 0)
    {
        Check(Step, 32, nameof(Step));
        Check((ulong)Microbatch, 20, nameof(Microbatch));
        Check((ulong)trajectory, 12, nameof(trajectory));
        Check((ulong)layer, 16, nameof(layer));
        Check((ulong)occurrence, 16, nameof(occurrence));
        var key = Purpose == NoisePurpose.Training ? Seed : Seed ^ Mix((ulong)Purpose);
        return new NoiseStream(
            (uint)key, (uint)(key >> 32), (uint)layer | (uint)occurrence << 16, (uint)trajectory | (uint)Microbatch << 12, (uint)Step);
    }

    // SplitMix64's finaliser: one bit of the purpose changes about half of the key's bits.
    private static ulong Mix(ulong value)
    {
        value *= 0x9E3779B97F4A7C15;
        value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
        value = (value ^ value >> 27) * 0x94D049BB133111EB;
        return value ^ value >> 31;
    }

    private static void Check(ulong value, int bits, string name)
    {
        if (value >> bits != 0)
            throw new ArgumentOutOfRangeException(name, value, $"must be 0 … 2^{bits}−1");
    }
}
