using Dipnet.Exchange;
using Dipnet.Modules;
using Dipnet.Worker.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Devices;

/// <summary>Compares a GPU's kernels with the host's code, bit by bit, on values over the whole range of floats.</summary>
internal static unsafe class KernelCheck
{
    // More than a block of the norm, and not a multiple of anything.
    private const int Count = 70_003;

    /// <exception cref="CudaProgramException">A kernel computes otherwise than the host.</exception>
    public static void Run(IDeviceKernels kernels, int device)
    {
        var on = torch.device(DeviceType.CUDA, device);
        using var scope = torch.NewDisposeScope();
        using var none = torch.no_grad();
        float[] parameter = Values(1), first = Values(2), second = [.. Values(3).Select(Math.Abs)], gradient = Values(4);

        var rule = new AdamWKernel(1e-3f, 0.01f, 0.9f, 0.999f, 1e-8f, step: 6, gradientScale: 0.125f);
        Tensor[] adamw = [To(parameter), To(first), To(second), To(gradient)];
        kernels.AdamW(Pointer(adamw[0]), Pointer(adamw[1]), Pointer(adamw[2]), Pointer(adamw[3]), Count, rule);
        fixed (float* p = parameter, f = first, s = second, g = gradient)
        {
            rule.Apply(p, f, s, g, Count);
        }

        Same("AdamW's parameter", adamw[0], parameter);
        Same("AdamW's first moment", adamw[1], first);
        Same("AdamW's second moment", adamw[2], second);

        var sgdRule = new SgdKernel(0.1f, 0.01f, 0.9f, 0.125f);
        Tensor[] sgd = [To(parameter), To(first), To(gradient)];
        kernels.Sgd(Pointer(sgd[0]), Pointer(sgd[1]), Pointer(sgd[2]), Count, sgdRule);
        fixed (float* p = parameter, f = first, g = gradient)
        {
            sgdRule.Apply(p, f, g, Count);
        }

        Same("SGD's parameter", sgd[0], parameter);
        Same("SGD's velocity", sgd[1], first);

        var sum = To(first);
        kernels.Add(Pointer(sum), Pointer(sgd[2]), Count);
        fixed (float* f = first, g = gradient)
        {
            GradientSum.Add(f, g, f, Count);
        }

        Same("a sum", sum, first);

        using var lanes = torch.zeros([GradientNorm.LanesOf(Count)], ScalarType.Float64, on);
        kernels.SquareLanes(Pointer(sgd[2]), Count, Pointer(lanes));
        GradientNorm norm = default;
        fixed (float* g = gradient)
        {
            norm.Add(g, 0, Count);
        }

        var (mine, expected) = (GradientNorm.OfLanes(lanes.cpu().data<double>().ToArray()), norm.SumOfSquares());
        if (mine != expected)
        {
            throw new CudaProgramException($"cuda:{device}: a sum of squares is {mine:R}, on the host {expected:R}: this GPU cannot train with the bits of others");
        }

        Tensor To(float[] values) => torch.tensor(values).to(on);

        void Same(string what, Tensor tensor, float[] host) => CudaCheck.SameBits($"cuda:{device}: {what}", tensor.cpu().data<float>().ToArray(), host);
    }

    private static nint Pointer(Tensor tensor) => BlobTensor.Pointer(tensor);

    // Exponents from 2^-60 to 2^20: squares that are denormal or zero are among them, infinity is not.
    private static float[] Values(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Count).Select(_ => (float)((random.NextDouble() - 0.5) * Math.ScaleB(1, random.Next(-60, 20))))];
    }
}
