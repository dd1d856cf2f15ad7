namespace Dipnet.Exchange;

/// <summary>The addition that workers use inside their own nodes; the same one that owners use between nodes.</summary>
public static unsafe class GradientSum
{
    /// <summary>destination[i] = left[i] + right[i] for i in [0, count). The destination may be one of the operands.</summary>
    public static void Add(float* left, float* right, float* destination, long count) =>
        TreeSum.Add(left, right, destination, count, streaming: false);
}
