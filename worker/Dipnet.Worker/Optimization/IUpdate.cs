namespace Dipnet.Worker.Optimization;

/// <summary>A step's norms and its update of parameters and moments, where they lie. Training thread only.</summary>
internal interface IUpdate
{
    /// <summary>Sum of squares of both groups' summed gradient. Comes before <see cref="Step"/>, with the same gradient.</summary>
    (double Weights, double Projections) SumsOfSquares(ReducedGradient gradient);

    /// <summary>One update.</summary>
    /// <param name="gradient">The sum over all microbatches.</param>
    /// <param name="step">0 is the first.</param>
    /// <param name="rateFactor">Of the schedule.</param>
    /// <param name="weightsScale">1/M times the clipping factor.</param>
    /// <param name="projectionsScale">1/M.</param>
    void Step(ReducedGradient gradient, ulong step, double rateFactor, float weightsScale, float projectionsScale);
}
