using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>The terms of the objective, scalar fp32 tensors; <see cref="Total"/> carries the graph and is what is differentiated.</summary>
/// <param name="Total">Nll + Penalty + γ · Stability.</param>
/// <param name="Nll">Mean over samples (or tokens) and trajectories of −ln p, nats.</param>
/// <param name="Penalty">α Σ λ − β Σ ln λ.</param>
/// <param name="Stability">Variance of the class probabilities over trajectories, summed over classes, mean over samples; without the weight γ.</param>
public readonly record struct LossTerms(Tensor Total, Tensor Nll, Tensor Penalty, Tensor Stability);
