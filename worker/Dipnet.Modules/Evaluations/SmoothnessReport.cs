namespace Dipnet.Modules;

/// <summary>Local smoothness of the loss −ln p(label | x), p averaged over trajectories, as a function of the input.</summary>
/// <param name="Trace">Mean over samples of the trace of the input Hessian (Hutchinson's estimate).</param>
/// <param name="TopEigenvalue">Mean over samples of the input Hessian's eigenvalue of largest magnitude (power iteration), absolute value.</param>
/// <param name="GradientNorm">Mean over samples of the loss's input gradient's Euclidean norm.</param>
/// <param name="Lipschitz">Largest input gradient norm over the samples and random points around them: a lower bound of the loss's Lipschitz constant there.</param>
/// <param name="Samples">Samples looked at.</param>
public sealed record SmoothnessReport(double Trace, double TopEigenvalue, double GradientNorm, double Lipschitz, long Samples);
