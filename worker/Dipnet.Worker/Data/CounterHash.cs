namespace Dipnet.Worker.Data;

/// <summary>
/// A counter-based generator for orders of samples: the n-th value is a function of key and n alone (the finaliser of SplitMix64 over key and counter).
/// </summary>
internal readonly struct CounterHash(ulong seed, ulong stream)
{
    private readonly ulong _key = Mix(seed + 0x9E3779B97F4A7C15UL) ^ Mix(Mix(stream) + 0xD1B54A32D192ED03UL);

    public ulong this[ulong counter] => Mix(_key + (counter + 1) * 0x9E3779B97F4A7C15UL);

    /// <summary>An integer below <paramref name="bound"/>; the bias is below bound / 2⁶⁴.</summary>
    public int Below(int bound, ulong counter) => (int)Math.BigMul(this[counter], (ulong)bound, out _);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
