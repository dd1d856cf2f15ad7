using System.Runtime.Intrinsics;
using Dipnet.Protos;

namespace Dipnet.Worker.Optimization;

/// <summary>
/// AdamW with decoupled weight decay (Loshchilov and Hutter, 2019) over one run of elements. Every operation is an element's own and is rounded by
/// IEEE 754 without contraction, so the bits depend neither on the vector width nor on where a run starts or ends.
/// </summary>
internal readonly struct AdamWKernel
{
    // A GPU's kernel takes them as they lie here: see update.cu.
    private readonly float _beta1, _beta2, _epsilon, _step, _keep, _secondScale, _gradientScale;

    /// <param name="learningRate">Of this step.</param>
    /// <param name="decay">Weight decay; the parameter is multiplied by 1 − learningRate · decay.</param>
    /// <param name="beta1">Of the first moment.</param>
    /// <param name="beta2">Of the second moment.</param>
    /// <param name="epsilon">Added to the root of the second moment.</param>
    /// <param name="step">0 is the first.</param>
    /// <param name="gradientScale">Multiplies the gradient first: 1/M and the clipping factor.</param>
    public AdamWKernel(float learningRate, float decay, float beta1, float beta2, float epsilon, ulong step, float gradientScale)
    {
        (_beta1, _beta2, _epsilon, _gradientScale) = (beta1, beta2, epsilon, gradientScale);
        _step = (float)(learningRate / (1 - Math.Pow(beta1, step + 1.0)));
        _secondScale = (float)(1 / Math.Sqrt(1 - Math.Pow(beta2, step + 1.0)));
        _keep = (float)(1 - (double)learningRate * decay);
    }

    /// <summary>The rule of a group for one step.</summary>
    /// <param name="group">Of adamw.</param>
    /// <param name="decays">Weight decay applies.</param>
    /// <param name="step">0 is the first.</param>
    /// <param name="rateFactor">Of the schedule.</param>
    /// <param name="gradientScale">Multiplies the gradient first.</param>
    public static AdamWKernel Of(OptimizerGroup group, bool decays, ulong step, double rateFactor, float gradientScale) => new(
        (float)(group.LearningRate * rateFactor), decays ? group.WeightDecay : 0, group.Beta1, group.Beta2, group.Epsilon, step, gradientScale);

    /// <summary>Updates parameters and moments in place.</summary>
    public unsafe void Apply(float* parameter, float* first, float* second, float* gradient, long count)
    {
        Vector512<float> b1 = Vector512.Create(_beta1), r1 = Vector512.Create(1 - _beta1), b2 = Vector512.Create(_beta2), r2 = Vector512.Create(1 - _beta2);
        Vector512<float> eps = Vector512.Create(_epsilon), step = Vector512.Create(_step), keep = Vector512.Create(_keep);
        Vector512<float> second2 = Vector512.Create(_secondScale), scale = Vector512.Create(_gradientScale);
        long i = 0;
        for (; i <= count - 16; i += 16)
        {
            var g = Vector512.Load(gradient + i) * scale;
            var m = b1 * Vector512.Load(first + i) + r1 * g;
            var v = b2 * Vector512.Load(second + i) + r2 * (g * g);
            Vector512.Store(m, first + i);
            Vector512.Store(v, second + i);
            Vector512.Store(Vector512.Load(parameter + i) * keep - step * m / (Vector512.Sqrt(v) * second2 + eps), parameter + i);
        }

        for (; i < count; i++)
        {
            var g = gradient[i] * _gradientScale;
            var m = _beta1 * first[i] + (1 - _beta1) * g;
            var v = _beta2 * second[i] + (1 - _beta2) * (g * g);
            (first[i], second[i]) = (m, v);
            parameter[i] = parameter[i] * _keep - _step * m / (MathF.Sqrt(v) * _secondScale + _epsilon);
        }
    }
}
