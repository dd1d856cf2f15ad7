namespace Dipnet.Worker.Planning;

/// <summary>How fast a device multiplies matrices, and how fast bytes leave it.</summary>
/// <param name="Device">Name.</param>
/// <param name="Basis">Assumption, for readers.</param>
/// <param name="TeraflopsPerSecond">Reached, not peak.</param>
internal sealed record Throughput(string Device, string Basis, double TeraflopsPerSecond)
{
    /// <summary>Share of the peak that training reaches on a GPU in the devices below; an assumption.</summary>
    private const double Reached = 0.4;

    // Peak of dense matrix products from NVIDIA's data sheets: H100 SXM5 and A100 SXM4 80 GB (bf16 tensor cores; fp32 without TF32), L4 (half of the figure with sparsity).
    private static readonly (string Name, double Narrow, double Single)[] Known = [("H100 SXM", 989.4, 66.9), ("A100 80 GB", 312, 19.5), ("L4", 121, 30.3)];

    /// <summary>Devices whose peak a data sheet states, for a precision of a job.</summary>
    public static IEnumerable<Throughput> OfKnown(bool bf16)
    {
        foreach (var (name, narrow, single) in Known)
        {
            var peak = bf16 ? narrow : single;
            yield return new Throughput(name, FormattableString.Invariant($"{100 * Reached:0} % of {peak:0.#} TFLOP/s"), peak * Reached);
        }
    }
}
