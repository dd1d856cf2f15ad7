using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>Initial values as a function of a seed and a parameter's place alone: the same on every worker, whatever ran before.</summary>
public static class Initialisation
{
    /// <summary>Fills <paramref name="parameter"/> in place with a normal distribution of the given standard deviation; the index is the parameter's number in its model.</summary>
    public static unsafe void Normal(Tensor parameter, ulong seed, int index, double deviation)
    {
        using var none = torch.no_grad();
        using var values = torch.empty(parameter.shape);
        CounterNoise.FillNormal((float*)BlobTensor.Pointer(values), values.numel(), new NoiseKey(seed, 0, 0) { Purpose = NoisePurpose.Initialisation }.Stream(0, index));
        values.mul_(deviation);
        parameter.copy_(values);
    }

    /// <summary>
    /// Fills every parameter of a model: matrices and kernels by Xavier's normal rule (variance 2 / (fan in + fan out)), vectors named weight with 1, other
    /// vectors with 0. Projections keep their ρ.
    /// </summary>
    public static void Apply(nn.Module model, ulong seed)
    {
        using var none = torch.no_grad();
        var index = 0;
        foreach (var (name, parameter) in model.named_parameters())
        {
            // Projections are not counted: a network has the same initial weights with and without them.
            if (name == "rho" || name.EndsWith(".rho", StringComparison.Ordinal))
                continue;
            var i = index++;
            if (parameter.ndim >= 2)
                Normal(parameter, seed, i, XavierDeviation(parameter.shape));
            else
                parameter.fill_(name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0);
        }
    }

    internal static double XavierDeviation(ReadOnlySpan<long> shape)
    {
        long receptive = 1;
        foreach (var n in shape[2..])
            receptive *= n;
        return Math.Sqrt(2.0 / ((shape[0] + shape[1]) * receptive));
    }
}
