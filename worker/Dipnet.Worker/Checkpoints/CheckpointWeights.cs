using System.Globalization;
using System.Text.Json;
using Dipnet.Modules;
using Dipnet.Modules.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Checkpoints;

/// <summary>Reads the parameters of a checkpoint, without the optimizer's state, into a model for use or export.</summary>
internal static unsafe class CheckpointWeights
{
    private const string Buffer = "parameters";
    private const int LargestRead = 1 << 30;

    /// <summary>Verifies every shard, then fills the trained parameters of the model; those that were frozen in training keep their values.</summary>
    /// <param name="folder">With manifest.json.</param>
    /// <param name="model">As the job builds it, fp32 on the CPU.</param>
    /// <exception cref="CheckpointException">A shard is missing or damaged, or the parameters are not the model's. The model is undefined then.</exception>
    public static void Fill(string folder, nn.Module model)
    {
        CheckpointExport.Verify(folder);
        var parameters = model.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        var missing = parameters.Where(p => p.Value.requires_grad).Select(p => p.Key).ToHashSet();
        var (wanted, filled) = (0L, 0L);
        foreach (var (file, _, _) in Manifest.Read(folder).Shards)
        {
            using var shard = SafetensorsFile.Open(Path.Combine(folder, file));
            var places = Places(shard);
            wanted = places.Sum(p => p.Count);
            missing.ExceptWith(places.Select(p => p.Name));
            if (!shard.TryGet(Buffer, out var piece))
            {
                continue;
            }

            var first = long.Parse(shard.Metadata[$"first.{Buffer}"], CultureInfo.InvariantCulture);
            foreach (var place in places)
            {
                if (!parameters.TryGetValue(place.Name, out var parameter) || !parameter.shape.SequenceEqual(place.Shape))
                {
                    var found = parameter is null ? "has none of that name" : $"has it as [{string.Join(", ", parameter.shape)}]";
                    throw new CheckpointException($"{folder}: parameter {place.Name} [{string.Join(", ", place.Shape)}] is not the model's, which {found}");
                }

                filled += Read(shard, piece, first, place.Offset, BlobTensor.Pointer(parameter), place.Count);
            }
        }

        if (missing.Count > 0 || filled != wanted)
        {
            throw new CheckpointException(missing.Count > 0
                ? $"{folder}: has no parameter {string.Join(", ", missing.Order(StringComparer.Ordinal).Take(4))}, which the model trains"
                : $"{folder}: its shards hold {filled} of {wanted} elements");
        }
    }

    private static List<(string Name, long[] Shape, long Offset, long Count)> Places(SafetensorsFile shard)
    {
        using var layout = JsonDocument.Parse(shard.Metadata["layout"]);
        return [.. layout.RootElement.EnumerateArray().Select(p =>
        {
            long[] shape = [.. p.GetProperty("shape").EnumerateArray().Select(e => e.GetInt64())];
            return (p.GetProperty("name").GetString()!, shape, p.GetProperty("offset").GetInt64(), shape.Aggregate(1L, (product, extent) => product * extent));
        })];
    }

    // The elements that the piece, which begins at element `first` of the buffer, has of [offset, offset + count).
    private static long Read(SafetensorsFile shard, SafetensorsEntry piece, long first, long offset, nint memory, long count)
    {
        var start = Math.Max(first, offset);
        var end = Math.Min(first + piece.Bytes / sizeof(float), offset + count);
        for (var at = start * sizeof(float); at < end * sizeof(float); at += LargestRead)
        {
            var length = (int)Math.Min(LargestRead, end * sizeof(float) - at);
            shard.Read(piece, at - first * sizeof(float), new Span<byte>((byte*)memory + at - offset * sizeof(float), length));
        }

        return Math.Max(0, end - start);
    }
}
