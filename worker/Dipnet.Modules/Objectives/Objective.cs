using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Dipnet.Modules;

/// <summary>
/// What training minimises (arXiv 2506.04690): expected negative log-likelihood over k trajectories + α Σ λ − β Σ ln λ + γ · variance over trajectories.
/// </summary>
public static class Objective
{
    /// <summary>The objective of a classifier.</summary>
    /// <param name="logits">[k·b, C], trajectory-major.</param>
    /// <param name="labels">[b], int64.</param>
    /// <param name="projections">The model's projections; empty: plain cross entropy.</param>
    /// <param name="options">Null: no penalty, one trajectory.</param>
    /// <returns>Terms in the current dispose scope.</returns>
    public static LossTerms Classification(Tensor logits, Tensor labels, IReadOnlyList<GaussianProjection> projections, ProjectionOptions? options)
    {
        var k = options?.Trajectories ?? 1;
        var samples = labels.shape[0];
        if (logits.ndim != 2 || logits.shape[0] != k * samples)
            throw new ArgumentException($"logits of shape [{string.Join(", ", logits.shape)}]: must be [{k * samples}, classes], {k} trajectories of {samples} samples", nameof(logits));
        using var scope = torch.NewDisposeScope();
        var logProbabilities = LogProbabilities(logits);
        var nll = F.nll_loss(logProbabilities, k == 1 ? labels : labels.repeat(k));
        // Softmax of its own where the logarithm underflows is not needed: exp of a log-probability is exact enough for a variance.
        var stability = k > 1 && options!.Gamma > 0 ? Stability(logProbabilities.exp(), k) : Zero(logits.device);
        return Combine(nll, stability, projections, options, scope);
    }

    /// <summary>log softmax over the last dimension, in fp32 where the logits are narrower.</summary>
    public static Tensor LogProbabilities(Tensor logits)
    {
        if (logits.dtype is not (ScalarType.Float16 or ScalarType.BFloat16))
            return F.log_softmax(logits, -1);
        using var wide = logits.to(ScalarType.Float32);
        return F.log_softmax(wide, -1);
    }

    /// <summary>Adds penalty and weighted stability to a likelihood term that the caller computed.</summary>
    public static LossTerms Combine(Tensor nll, Tensor stability, IReadOnlyList<GaussianProjection> projections, ProjectionOptions? options)
    {
        using var scope = torch.NewDisposeScope();
        return Combine(nll, stability, projections, options, scope);
    }

    /// <summary>α Σ λ − β Σ ln λ over all projections; a scalar.</summary>
    public static Tensor Penalty(IReadOnlyList<GaussianProjection> projections, float alpha, float beta)
    {
        if (projections.Count == 0)
            return torch.zeros([]);
        using var scope = torch.NewDisposeScope();
        var rho = torch.cat(projections.Select(p => (Tensor)p.rho.view(-1)).ToArray());
        return (rho.exp().sum() * alpha - rho.sum() * beta).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Unbiased variance over trajectories of <paramref name="probabilities"/> [k·b, …, C], summed over the last dimension, mean over the rest; k ≥ 2.
    /// </summary>
    public static Tensor Stability(Tensor probabilities, int trajectories)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trajectories, 2);
        using var scope = torch.NewDisposeScope();
        var shape = probabilities.shape;
        var perTrajectory = probabilities.view([trajectories, shape[0] / trajectories, .. shape[1..]]);
        var centred = perTrajectory - perTrajectory.mean([0], keepdim: true);
        var samples = probabilities.numel() / shape[^1] / trajectories;
        return (centred.square().sum() / ((trajectories - 1) * (double)samples)).MoveToOuterDisposeScope();
    }

    private static LossTerms Combine(Tensor nll, Tensor stability, IReadOnlyList<GaussianProjection> projections, ProjectionOptions? options, DisposeScope scope)
    {
        var penalty = options is null || projections.Count == 0 ? Zero(nll.device) : Penalty(projections, options.Alpha, options.Beta);
        var total = options is null || projections.Count == 0 ? nll.alias() : nll + penalty;
        if (options is { Gamma: > 0, Trajectories: > 1 })
            total = total + stability * options.Gamma;
        scope.MoveToOuter(total, nll, penalty, stability);
        return new LossTerms(total, nll, penalty, stability);
    }

    private static Tensor Zero(Device device) => torch.zeros([], ScalarType.Float32, device);
}
