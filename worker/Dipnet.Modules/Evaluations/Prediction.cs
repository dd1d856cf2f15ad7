using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>Class log-probabilities of a model, differentiable with respect to the input.</summary>
public static class Prediction
{
    /// <summary>
    /// ln of the class probabilities averaged over k trajectories, in log space: logsumexp over t of log softmax − ln k. All trajectories run as one batch.
    /// </summary>
    /// <param name="model">Inputs [k·b, …] to logits [k·b, C].</param>
    /// <param name="inputs">[b, …].</param>
    /// <param name="key">Names the noise.</param>
    /// <param name="trajectories">k.</param>
    /// <returns>[b, C], nats, in the current dispose scope.</returns>
    public static Tensor Sampled(nn.Module<Tensor, Tensor> model, Tensor inputs, NoiseKey key, int trajectories)
    {
        using var scope = torch.NewDisposeScope();
        using var noise = NoiseScope.Begin(key, trajectories);
        var rows = trajectories == 1 ? inputs : inputs.repeat([trajectories, .. Enumerable.Repeat(1L, (int)inputs.ndim - 1)]);
        var logProbabilities = Objective.LogProbabilities(model.call(rows));
        return Average(logProbabilities, trajectories).MoveToOuterDisposeScope();
    }

    /// <summary>ln of the class probabilities in one pass without noise (ε = 0); [b, …] to [b, C].</summary>
    public static Tensor Mean(nn.Module<Tensor, Tensor> model, Tensor inputs)
    {
        using var scope = torch.NewDisposeScope();
        using var silence = NoiseScope.Silence();
        return Objective.LogProbabilities(model.call(inputs)).MoveToOuterDisposeScope();
    }

    /// <summary>ln of the mean over trajectories of exp of <paramref name="logProbabilities"/>: [k·b, …, C], trajectory-major, to [b, …, C].</summary>
    public static Tensor Average(Tensor logProbabilities, int trajectories)
    {
        if (trajectories == 1)
            return logProbabilities.alias();
        using var scope = torch.NewDisposeScope();
        var shape = logProbabilities.shape;
        return (logProbabilities.view([trajectories, shape[0] / trajectories, .. shape[1..]]).logsumexp(0) - Math.Log(trajectories)).MoveToOuterDisposeScope();
    }
}
