using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>Tensors of keyed noise, fp32, drawn where they are: the same bits on the CPU and on a GPU.</summary>
public static unsafe class KeyedTensor
{
    /// <summary>Standard normal values.</summary>
    public static Tensor Normal(ReadOnlySpan<long> shape, NoiseKey key, Device device, int stream = 0)
    {
        if (device.type == DeviceType.CUDA)
            return CudaNoise.Draw(shape, key.Stream(0, stream), device, normal: true);
        var values = torch.empty(shape.ToArray());
        CounterNoise.FillNormal((float*)BlobTensor.Pointer(values), values.numel(), key.Stream(0, stream));
        return values;
    }

    /// <summary>Values in [0, 1).</summary>
    public static Tensor Uniform(ReadOnlySpan<long> shape, NoiseKey key, Device device, int stream = 0)
    {
        if (device.type == DeviceType.CUDA)
            return CudaNoise.Draw(shape, key.Stream(0, stream), device, normal: false);
        var values = torch.empty(shape.ToArray());
        CounterNoise.FillUniform((float*)BlobTensor.Pointer(values), values.numel(), key.Stream(0, stream));
        return values;
    }

    /// <summary>Values −1 and 1, each with probability ½.</summary>
    public static Tensor Signs(ReadOnlySpan<long> shape, NoiseKey key, Device device, int stream = 0)
    {
        var values = Uniform(shape, key, device, stream);
        using var none = torch.no_grad();
        return values.sub_(0.5).sign_().add_(0.25).sign_();
    }
}
