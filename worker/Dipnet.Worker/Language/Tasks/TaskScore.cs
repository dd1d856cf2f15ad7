namespace Dipnet.Worker.Language;

/// <summary>Counts of a task's run and what follows from them.</summary>
internal readonly record struct TaskScore(int Examples, int Correct)
{
    /// <summary>97.5 % quantile of the normal distribution.</summary>
    private const double Quantile = 1.959963984540054;

    public double Accuracy => Examples == 0 ? 0 : (double)Correct / Examples;

    /// <summary>Wilson's 95 % interval of the accuracy: holds at 0 and 1 too, where the usual one has no width. (Wilson 1927)</summary>
    public (double Low, double High) Interval
    {
        get
        {
            if (Examples == 0)
            {
                return (0, 1);
            }

            var (n, p, z) = ((double)Examples, Accuracy, Quantile);
            var centre = p + (z * z / (2 * n));
            var spread = z * Math.Sqrt((p * (1 - p) / n) + (z * z / (4 * n * n)));
            var scale = 1 + (z * z / n);
            return (Math.Max(0, (centre - spread) / scale), Math.Min(1, (centre + spread) / scale));
        }
    }

    public TaskScore Add(bool correct) => new(Examples + 1, Correct + (correct ? 1 : 0));
}
