namespace Dipnet.Modules;

/// <summary>What an evaluation counted; parts add up to the whole.</summary>
/// <param name="Correct">Samples whose most probable class is the label.</param>
/// <param name="Total">Samples.</param>
/// <param name="Nll">Sum over samples of −ln p(label), nats.</param>
public readonly record struct EvaluationCounts(long Correct, long Total, double Nll)
{
    /// <summary>Correct / Total; NaN where nothing was evaluated.</summary>
    public double Accuracy => Total == 0 ? double.NaN : (double)Correct / Total;

    public static EvaluationCounts operator +(EvaluationCounts a, EvaluationCounts b) => new(a.Correct + b.Correct, a.Total + b.Total, a.Nll + b.Nll);
}
