using static TorchSharp.torch;

namespace Dipnet.Modules.Files;

/// <summary>Moves tensors between libtorch and safetensors files.</summary>
public static class TensorFile
{
    /// <summary>Element type of libtorch for a stored type.</summary>
    /// <exception cref="NotSupportedException">libtorch has no such type.</exception>
    public static ScalarType ScalarTypeOf(SafetensorsType type) => type switch
    {
        SafetensorsType.Bool => ScalarType.Bool,
        SafetensorsType.U8 => ScalarType.Byte,
        SafetensorsType.I8 => ScalarType.Int8,
        SafetensorsType.I16 => ScalarType.Int16,
        SafetensorsType.F16 => ScalarType.Float16,
        SafetensorsType.BF16 => ScalarType.BFloat16,
        SafetensorsType.I32 => ScalarType.Int32,
        SafetensorsType.F32 => ScalarType.Float32,
        SafetensorsType.I64 => ScalarType.Int64,
        SafetensorsType.F64 => ScalarType.Float64,
        _ => throw new NotSupportedException($"tensors of type {type.HeaderName()} cannot be loaded"),
    };

    /// <summary>What is wrong with an entry for a tensor, in words; null: shapes agree and the stored type is a floating-point one.</summary>
    public static string? Mismatch(SafetensorsEntry entry, Tensor tensor)
    {
        if (!entry.Shape.SequenceEqual(tensor.shape))
        {
            return $"tensor '{entry.Name}' is {entry.ShapeText}, it must be [{string.Join(", ", tensor.shape)}]";
        }
        return entry.Type is SafetensorsType.F32 or SafetensorsType.BF16 or SafetensorsType.F16 or SafetensorsType.F64
            ? null
            : $"tensor '{entry.Name}' is of type {entry.Type.HeaderName()}, it must be F32, BF16, F16 or F64";
    }

    /// <summary>Reads an entry into a tensor of its shape, converting the element type.</summary>
    public static void Fill(SafetensorsFile file, SafetensorsEntry entry, Tensor tensor)
    {
        var type = ScalarTypeOf(entry.Type);
        if (type == tensor.dtype && tensor.is_contiguous() && tensor.device_type == TorchSharp.DeviceType.CPU)
        {
            file.Read(entry, BlobTensor.Pointer(tensor), entry.Bytes);
            return;
        }
        using var guard = no_grad();
        using var stored = empty([.. entry.Shape], type);
        file.Read(entry, BlobTensor.Pointer(stored), entry.Bytes);
        tensor.copy_(stored);
    }

    /// <summary>Fills every tensor from a file that must hold these tensors and no others.</summary>
    /// <exception cref="SafetensorsException">Names every tensor that is missing, extra or misshapen.</exception>
    public static void Fill(SafetensorsFile file, IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        var wanted = tensors.ToList();
        var problems = new List<string>();
        foreach (var (name, tensor) in wanted)
        {
            if (!file.TryGet(name, out var entry))
            {
                problems.Add($"tensor '{name}' is missing");
            }
            else if (Mismatch(entry, tensor) is { } mismatch)
            {
                problems.Add(mismatch);
            }
        }
        problems.AddRange(file.Entries.Where(e => wanted.All(w => w.Name != e.Name)).Select(static e => $"tensor '{e.Name}' does not belong here"));
        if (problems.Count > 0)
        {
            throw new SafetensorsException(file.Path, string.Join("; ", problems.Take(8)));
        }
        foreach (var (name, tensor) in wanted)
        {
            Fill(file, file[name], tensor);
        }
    }

    /// <summary>Writes tensors in the order given, as <paramref name="type"/>.</summary>
    /// <returns>SHA-256 of the file.</returns>
    public static string Write(
        string path, IEnumerable<(string Name, Tensor Tensor)> tensors, SafetensorsType type, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var list = tensors.ToList();
        using var writer = SafetensorsWriter.Create(path, list.Select(t => (t.Name, type, (IReadOnlyList<long>)t.Tensor.shape)), metadata);
        using var guard = no_grad();
        foreach (var (_, tensor) in list)
        {
            using var scope = NewDisposeScope();
            var plain = tensor.to(ScalarTypeOf(type)).cpu().contiguous();
            writer.Write(BlobTensor.Pointer(plain), plain.numel() * type.Bytes());
        }
        return writer.Complete();
    }
}
