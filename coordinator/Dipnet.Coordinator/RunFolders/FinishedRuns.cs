using System.Text.Json;
using Dipnet.Coordinator.Training;

namespace Dipnet.Coordinator.RunFolders;

/// <summary>
/// Jobs that have ended, as their run folders tell of them: a coordinator shows the runs of its directory, whoever ran them, <c>dipnet train</c> among them.
/// </summary>
internal static class FinishedRuns
{
    private const string FileName = "record.json";

    /// <summary>Ids of the jobs that ended in a folder of <paramref name="runDirectory"/>.</summary>
    public static IReadOnlyList<string> Ids(string runDirectory)
    {
        try
        {
            return [.. Directory.EnumerateDirectories(runDirectory).Where(run => File.Exists(Path.Combine(run, FileName))).Select(run => Path.GetFileName(run))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The job's record; null: no such job ended there, or its record cannot be read.</summary>
    public static JobRecord? Read(string runDirectory, string jobId)
    {
        // An id comes from outside: it must not lead out of the directory.
        var folder = Path.Combine(runDirectory, jobId);
        if (jobId.Length == 0 || jobId[0] == '.' || Path.GetFileName(jobId) != jobId)
        {
            return null;
        }

        try
        {
            var record = JsonSerializer.Deserialize<JobRecord>(File.ReadAllBytes(Path.Combine(folder, FileName)));
            if (record is null || record.JobId != jobId || !JobStatus.IsFinal(record.Status))
            {
                return null;
            }

            // The directory may have been moved since.
            record.RunFolder = folder;
            return record;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <exception cref="IOException">The disk is full, the folder is gone, …</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is read-only.</exception>
    public static void Write(string runFolder, JobRecord record) => AtomicFile.Write(Path.Combine(runFolder, FileName), JsonSerializer.SerializeToUtf8Bytes(record));
}
