using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Dipnet.Modules.Files;

namespace Dipnet.Worker.Checkpoints;

/// <summary>Checks a checkpoint and merges its parameters into one file. Needs neither the job nor the model.</summary>
internal static class CheckpointExport
{
    /// <exception cref="CheckpointException">A shard is missing or damaged.</exception>
    public static (ulong Step, int Shards, long Bytes) Verify(string folder)
    {
        var manifest = Manifest.Read(folder);
        foreach (var (file, bytes, sha256) in manifest.Shards)
        {
            var path = Path.Combine(folder, file);
            if (!File.Exists(path))
            {
                throw new CheckpointException($"{path}: is missing");
            }

            if (CheckpointReader.HashOf(path, bytes) is var found && found != sha256)
            {
                throw new CheckpointException($"{path}: SHA-256 is {found}, the manifest says {sha256}");
            }
        }

        return (manifest.Step, manifest.Shards.Count, manifest.Shards.Sum(s => s.Bytes));
    }

    /// <summary>Verifies, then writes the parameters under the model's names and shapes.</summary>
    public static unsafe (int Tensors, string Sha256) Export(string folder, string output)
    {
        Verify(folder);
        var shards = Manifest.Read(folder).Shards.Select(s => SafetensorsFile.Open(Path.Combine(folder, s.File))).ToArray();
        try
        {
            var places = JsonDocument.Parse(shards[0].Metadata["layout"]).RootElement.EnumerateArray().Select(p => (
                Name: p.GetProperty("name").GetString()!,
                Shape: (IReadOnlyList<long>)[.. p.GetProperty("shape").EnumerateArray().Select(e => e.GetInt64())],
                Offset: p.GetProperty("offset").GetInt64())).ToArray();
            var bytes = long.Parse(shards[0].Metadata["buffer-bytes"], CultureInfo.InvariantCulture);
            var buffer = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 4096);
            try
            {
                foreach (var shard in shards)
                {
                    if (shard.TryGet("parameters", out var piece))
                    {
                        shard.Read(piece, (nint)(buffer + long.Parse(shard.Metadata["first.parameters"], CultureInfo.InvariantCulture) * sizeof(float)), piece.Bytes);
                    }
                }

                using var writer = SafetensorsWriter.Create(output, places.Select(p => (p.Name, SafetensorsType.F32, p.Shape)), new Dictionary<string, string>
                {
                    ["format"] = "pt",
                    ["step"] = shards[0].Metadata["step"],
                });
                foreach (var (place, entry) in places.Zip(writer.Entries))
                {
                    writer.Write((nint)(buffer + place.Offset * sizeof(float)), entry.Bytes);
                }

                return (places.Length, writer.Complete());
            }
            finally
            {
                NativeMemory.AlignedFree(buffer);
            }
        }
        finally
        {
            foreach (var shard in shards)
            {
                shard.Dispose();
            }
        }
    }
}
