using TorchSharp;

namespace Dipnet.Modules;

/// <summary>Switches that make a step's bits depend on its inputs alone. The number of threads is one of those inputs.</summary>
public static class Determinism
{
    /// <summary>
    /// Sets the threads of one operator (process-wide, at least 1) and makes libtorch choose deterministic algorithms; an operator that has none
    /// throws when <paramref name="strict"/>, else it runs as it is. Call once, before the first tensor operation.
    /// </summary>
    public static void Apply(int threads, bool strict = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        torch.set_num_threads(threads);
        TorchAbi.SetDeterministicAlgorithms(TorchAbi.GlobalContext(), 1, (byte)(strict ? 0 : 1));
    }
}
