using System.Runtime.Intrinsics;
using Dipnet.Protos;

namespace Dipnet.Worker.Optimization;

/// <summary>Stochastic gradient descent with momentum (v ← μ v + g, p ← p − η v) and decoupled weight decay over one run of elements.</summary>
internal readonly struct SgdKernel
{
    // A GPU's kernel takes them as they lie here: see update.cu.
    private readonly float _rate, _momentum, _gradientScale, _keep;

    /// <param name="learningRate">η of this step.</param>
    /// <param name="decay">Weight decay; the parameter is multiplied by 1 − learningRate · decay.</param>
    /// <param name="momentum">μ.</param>
    /// <param name="gradientScale">Multiplies the gradient first: 1/M and the clipping factor.</param>
    public SgdKernel(float learningRate, float decay, float momentum, float gradientScale)
    {
        (_rate, _momentum, _gradientScale) = (learningRate, momentum, gradientScale);
        _keep = (float)(1 - (double)learningRate * decay);
    }

    /// <summary>The rule of a group for one step.</summary>
    /// <param name="group">Of sgd.</param>
    /// <param name="decays">Weight decay applies.</param>
    /// <param name="rateFactor">Of the schedule.</param>
    /// <param name="gradientScale">Multiplies the gradient first.</param>
    public static SgdKernel Of(OptimizerGroup group, bool decays, double rateFactor, float gradientScale) =>
        new((float)(group.LearningRate * rateFactor), decays ? group.WeightDecay : 0, group.Momentum, gradientScale);

    /// <summary>Updates parameters and velocity in place.</summary>
    public unsafe void Apply(float* parameter, float* velocity, float* gradient, long count)
    {
        Vector512<float> rate = Vector512.Create(_rate), keep = Vector512.Create(_keep), mu = Vector512.Create(_momentum), scale = Vector512.Create(_gradientScale);
        long i = 0;
        for (; i <= count - 16; i += 16)
        {
            var v = mu * Vector512.Load(velocity + i) + Vector512.Load(gradient + i) * scale;
            Vector512.Store(v, velocity + i);
            Vector512.Store(Vector512.Load(parameter + i) * keep - rate * v, parameter + i);
        }

        for (; i < count; i++)
        {
            var v = _momentum * velocity[i] + gradient[i] * _gradientScale;
            velocity[i] = v;
            parameter[i] = parameter[i] * _keep - _rate * v;
        }
    }
}
