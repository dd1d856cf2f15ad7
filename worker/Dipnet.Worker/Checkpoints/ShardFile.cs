using System.Globalization;
using System.Text.Json;
using Dipnet.Modules.Files;
using Dipnet.Worker.Training;

namespace Dipnet.Worker.Checkpoints;

/// <summary>
/// A shard: a safetensors file with the pieces of a stripe, one fp32 tensor a buffer that it touches, named as the buffer. Its metadata says where the pieces belong:
/// <c>step</c>, <c>buffer-bytes</c>, <c>buffers</c>, <c>layout</c> and for each tensor <c>first.NAME</c> (element).
/// </summary>
internal static class ShardFile
{
    public static string Name(int rank, int world) => string.Create(CultureInfo.InvariantCulture, $"shard-{rank:00}-of-{world:00}.safetensors");

    public static string Folder(string runFolder, ulong step) => Path.Combine(runFolder, "checkpoints", string.Create(CultureInfo.InvariantCulture, $"step-{step:00000000}"));

    /// <summary>Names, shapes and places of the parameters as JSON; equal on every worker of a job.</summary>
    public static string Layout(ParameterLayout layout) => JsonSerializer.Serialize(
        layout.Places.Select(p => new { name = p.Name, shape = p.Shape, group = p.Group.ToString().ToLowerInvariant(), offset = p.Offset }));

    /// <summary>JSON array of the tensors of a shard, for the manifest.</summary>
    public static string ManifestPart(Stripe stripe, TrainingState state) => JsonSerializer.Serialize(
        stripe.Pieces(state.BufferBytes).Select(p => new
        {
            name = state.Buffers[p.Buffer],
            dtype = "F32",
            shape = new[] { state.BufferBytes / sizeof(float) },
            firstElement = p.FirstByte / sizeof(float),
            elements = p.Bytes / sizeof(float),
        }));

    public static SafetensorsWriter Create(string path, Stripe stripe, TrainingState state, string layout, ulong step)
    {
        var pieces = stripe.Pieces(state.BufferBytes).ToArray();
        var metadata = new Dictionary<string, string>
        {
            ["format"] = "dipnet-shard-1",
            ["step"] = step.ToString(CultureInfo.InvariantCulture),
            ["buffer-bytes"] = state.BufferBytes.ToString(CultureInfo.InvariantCulture),
            ["buffers"] = string.Join(',', state.Buffers),
            ["layout"] = layout,
        };
        foreach (var piece in pieces)
        {
            metadata[$"first.{state.Buffers[piece.Buffer]}"] = (piece.FirstByte / sizeof(float)).ToString(CultureInfo.InvariantCulture);
        }

        return SafetensorsWriter.Create(
            path, pieces.Select(p => (state.Buffers[p.Buffer], SafetensorsType.F32, (IReadOnlyList<long>)[p.Bytes / sizeof(float)])), metadata);
    }
}
