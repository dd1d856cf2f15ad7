using System.Security.Cryptography;
using System.Text.Json;
using Dipnet.Coordinator.RunFolders;

namespace Dipnet.Coordinator.Checkpoints;

/// <summary>Finds checkpoints on the disk.</summary>
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

    /// <summary>As <see cref="Read"/>, and every shard has its SHA-256: reads all of it.</summary>
    private static (PublishedCheckpoint? Checkpoint, string Error) Verify(string folder)
    {
        var (checkpoint, error) = Read(folder);
        if (checkpoint is null)
        {
            return (null, error);
        }

        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, CheckpointManifest.FileName)));
        foreach (var shard in manifest.RootElement.GetProperty("shards").EnumerateArray())
        {
            var path = Path.Combine(folder, shard.GetProperty("file").GetString()!);
            try
            {
                using var file = File.OpenRead(path);
                if (Convert.ToHexStringLower(SHA256.HashData(file)) is var found && found != shard.GetProperty("sha256").GetString())
                {
                    return (null, $"{path}: SHA-256 is {found}, the manifest says {shard.GetProperty("sha256").GetString()}");
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return (null, $"{path}: {e.Message}");
            }
        }

        return (checkpoint, "");
    }

    /// <summary>
    /// Of a run folder, its <c>checkpoints</c> folder or one checkpoint's folder: the newest valid checkpoint, hashes checked, and why newer ones are not valid.
    /// </summary>
    public static (PublishedCheckpoint? Checkpoint, IReadOnlyList<string> Errors) FindNewest(string folder)
    {
        folder = Path.GetFullPath(folder);
        if (File.Exists(Path.Combine(folder, CheckpointManifest.FileName)))
        {
            var (checkpoint, error) = Verify(folder);
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
            var (checkpoint, error) = Verify(candidate);
            if (checkpoint is not null)
            {
                return (checkpoint, errors);
            }

            errors.Add(error);
        }

        return (null, errors.Count > 0 ? errors : [$"{folder}: has no checkpoint"]);
    }
}
