using System.Runtime.Intrinsics;

namespace Dipnet.Worker.Optimization;

/// <summary>Stochastic gradient descent with momentum (v ← μ v + g, p ← p − η v) and decoupled weight decay over one run of elements.</summary>
internal readonly struct SgdKernel(float learningRate, float decay, float momentum, float gradientScale)
{
    private readonly float _keep = (float)(1 - (double)learningRate * decay);

    /// <summary>Updates parameters and velocity in place.</summary>
    public unsafe void Apply(float* parameter, float* velocity, float* gradient, long count)
    {
        Vector512<float> rate = Vector512.Create(learningRate), keep = Vector512.Create(_keep), mu = Vector512.Create(momentum), scale = Vector512.Create(gradientScale);
        long i = 0;
        for (; i <= count - 16; i += 16)
        {
            var v = mu * Vector512.Load(velocity + i) + Vector512.Load(gradient + i) * scale;
            Vector512.Store(v, velocity + i);
            Vector512.Store(Vector512.Load(parameter + i) * keep - rate * v, parameter + i);
        }

        for (; i < count; i++)
        {
            var v = momentum * velocity[i] + gradient[i] * gradientScale;
            velocity[i] = v;
            parameter[i] = parameter[i] * _keep - learningRate * v;
        }
    }
}
