using System.Text.Json;
using Dipnet.Coordinator.RunFolders;
using Dipnet.Protos;

namespace Dipnet.Coordinator.Checkpoints;

/// <summary>Writes manifests and deletes what they supersede. Errors are values: training goes on without the checkpoint.</summary>
internal static class CheckpointPublisher
{
    public static (PublishedCheckpoint? Checkpoint, string Error) Publish(
        string runFolder, string jobId, JobSpec job, IReadOnlyList<PendingShard> shards, DateTimeOffset now)
    {
        var folder = Path.Combine(RunFolder.CheckpointsOf(runFolder), CheckpointManifest.FolderName(shards[0].CommittedSteps));
        try
        {
            AtomicFile.Write(Path.Combine(folder, CheckpointManifest.FileName), CheckpointManifest.Write(jobId, job, shards, now));
            DirectorySync.Flush(RunFolder.CheckpointsOf(runFolder));
            var (checkpoint, error) = CheckpointFolders.Read(folder);
            if (checkpoint is null)
            {
                File.Delete(Path.Combine(folder, CheckpointManifest.FileName));
            }
            else
            {
                DeleteLeftovers(folder, shards);
            }

            return (checkpoint, error);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return (null, $"{folder}: {e.Message}");
        }
    }

    /// <summary>Deletes what was written of a checkpoint that will never be complete. Returns the error, or "".</summary>
    public static string Abandon(string runFolder, ulong committedSteps)
    {
        var folder = Path.Combine(RunFolder.CheckpointsOf(runFolder), CheckpointManifest.FolderName(committedSteps));
        return IsAbandoned(folder) ? Delete(folder) : "";
    }

    /// <summary>First the manifest goes, so that a crash in between leaves no checkpoint that only looks whole. Returns the error, or "".</summary>
    public static string Delete(string folder)
    {
        try
        {
            File.Delete(Path.Combine(folder, CheckpointManifest.FileName));
            Directory.Delete(folder, recursive: true);
            return "";
        }
        catch (DirectoryNotFoundException)
        {
            return "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{folder}: {e.Message}";
        }
    }

    /// <summary>Puts the manifest aside: the shards stay for whoever looks into it, the checkpoint does not exist any more.</summary>
    public static string Withdraw(string folder)
    {
        try
        {
            File.Move(Path.Combine(folder, CheckpointManifest.FileName), Path.Combine(folder, "manifest.withdrawn.json"), overwrite: true);
            return "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{folder}: {e.Message}";
        }
    }

    /// <summary>Folders without a manifest of steps before the newest checkpoint: their shards will never be completed.</summary>
    public static IEnumerable<string> Abandoned(string runFolder, ulong newestStep)
    {
        var parent = RunFolder.CheckpointsOf(runFolder);
        return !Directory.Exists(parent) ? [] : [.. Directory.EnumerateDirectories(parent, "step-*").Where(f =>
            string.CompareOrdinal(Path.GetFileName(f), CheckpointManifest.FolderName(newestStep)) < 0
            && IsAbandoned(f))];
    }

    private static bool IsAbandoned(string folder) =>
        !File.Exists(Path.Combine(folder, CheckpointManifest.FileName)) && !File.Exists(Path.Combine(folder, "manifest.withdrawn.json"));

    /// <summary>Parts of files that a death cut off, and shards that another set of workers wrote of the same step.</summary>
    private static void DeleteLeftovers(string folder, IReadOnlyList<PendingShard> shards)
    {
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            if (Path.GetFileName(file) is not CheckpointManifest.FileName and var name && !shards.Any(s => s.File == name))
            {
                File.Delete(file);
            }
        }
    }
}
