using System.Text.Json;
using Dipnet.Coordinator.RunFolders;

namespace Dipnet.Coordinator.Checkpoints;

/// <summary>Finds checkpoints on the disk. What a shard holds is verified by its hash when it is read.</summary>
internal static class CheckpointFolders
{
    /// <summary>The checkpoint in a folder: it has a manifest and every shard has its size; else why not.</summary>
    public static (PublishedCheckpoint? Checkpoint, string Error) Read(string folder)
    {
        var path = Path.Combine(folder, CheckpointManifest.FileName);
        try
        {
            using var manifest = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = manifest.RootElement;
            if (root.GetProperty("format").GetString() is not CheckpointManifest.Format and var format)
            {
                return (null, $"{path}: format is {format}, must be {CheckpointManifest.Format}");
            }

            ulong total = 0;
            foreach (var shard in root.GetProperty("shards").EnumerateArray())
            {
                var file = new FileInfo(Path.Combine(folder, shard.GetProperty("file").GetString()!));
                var bytes = shard.GetProperty("bytes").GetUInt64();
                if (!file.Exists || (ulong)file.Length != bytes)
                {
                    return (null, $"{file.FullName}: {(file.Exists ? $"has {file.Length} bytes" : "is missing")}, must have {bytes} bytes");
                }

                total += bytes;
            }

            return (new PublishedCheckpoint(root.GetProperty("step").GetUInt64(), folder, total, root.GetProperty("created").GetDateTimeOffset()), "");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return (null, $"{path}: {e.Message}");
        }
    }

    /// <summary>
    /// Of a run folder, its <c>checkpoints</c> folder or one checkpoint's folder: the newest valid checkpoint; else every reason why there is none.
    /// </summary>
    public static (PublishedCheckpoint? Checkpoint, IReadOnlyList<string> Errors) FindNewest(string folder)
    {
        folder = Path.GetFullPath(folder);
        if (File.Exists(Path.Combine(folder, CheckpointManifest.FileName)))
        {
            var (checkpoint, error) = Read(folder);
            return (checkpoint, error.Length > 0 ? [error] : []);
        }

        var parent = Directory.Exists(RunFolder.CheckpointsOf(folder)) ? RunFolder.CheckpointsOf(folder) : folder;
        if (!Directory.Exists(parent))
        {
            return (null, [$"{folder}: no such folder"]);
        }

        var errors = new List<string>();
        foreach (var candidate in Directory.EnumerateDirectories(parent, "step-*").OrderDescending(StringComparer.Ordinal))
        {
            var (checkpoint, error) = Read(candidate);
            if (checkpoint is not null)
            {
                return (checkpoint, errors);
            }

            errors.Add(error);
        }

        return (null, errors.Count > 0 ? errors : [$"{folder}: has no checkpoint"]);
    }
}
