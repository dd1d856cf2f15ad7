using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>Tensors over memory that somebody else owns, and the addresses of tensors.</summary>
public static class BlobTensor
{
    /// <summary>
    /// A contiguous CPU tensor over native memory. Nothing is copied and nothing is freed: the memory must outlive the tensor and every view
    /// of it. Costs under a microsecond.
    /// </summary>
    public static unsafe Tensor FromPointer(nint pointer, ReadOnlySpan<long> shape, ScalarType dtype = ScalarType.Float32)
    {
        if (pointer == 0)
            throw new ArgumentException("pointer is null", nameof(pointer));
        Span<long> strides = stackalloc long[shape.Length];
        long stride = 1;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= shape[i];
        }
        fixed (long* sizes = shape, steps = strides)
        {
            var code = TorchAbi.aoti_torch_create_tensor_from_blob(pointer, shape.Length, sizes, steps, 0, (int)dtype, (int)DeviceType.CPU, 0, out var handle);
            return code == 0 ? Tensor.UnsafeCreateTensor(handle) : throw new InvalidOperationException($"libtorch refused a tensor of shape [{string.Join(", ", shape.ToArray())}] over {pointer:x}: code {code}");
        }
    }

    /// <summary>Address of the tensor's first element, on its own device. Valid while the tensor's storage lives.</summary>
    public static nint Pointer(Tensor tensor)
    {
        var code = TorchAbi.aoti_torch_get_data_ptr(tensor.Handle, out var pointer);
        return code == 0 ? pointer : throw new InvalidOperationException($"libtorch gave no address of a tensor: code {code}");
    }
}
