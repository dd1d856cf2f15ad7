using System.Buffers;
using System.Text;
using System.Text.Json;
using Dipnet.Coordinator.Jobs;
using Dipnet.Coordinator.Metrics;
using Dipnet.Coordinator.Training;
using Dipnet.Protos;

namespace Dipnet.Coordinator.RunFolders;

/// <summary>
/// The files of one run, but for the shards of its checkpoints. Not thread-safe. Methods throw <see cref="IOException"/> or
/// <see cref="UnauthorizedAccessException"/> when the disk does not take what is written.
/// </summary>
internal sealed class RunFolder : IDisposable
{
    private readonly string _path;
    private readonly HashSet<string> _logsTouched = [];
    private FileStream? _metrics;
    private FileStream? _events;

    private RunFolder(string path) => _path = path;

    public static string CheckpointsOf(string runFolder) => Path.Combine(runFolder, "checkpoints");

    public static string MetricsOf(string runFolder) => Path.Combine(runFolder, "metrics.jsonl");

    /// <summary>A new run's folder with its resolved job file.</summary>
    public static RunFolder Create(string path, JobSpec job)
    {
        Directory.CreateDirectory(CheckpointsOf(path));
        Directory.CreateDirectory(Path.Combine(path, "logs"));
        AtomicFile.Write(Path.Combine(path, "job.yaml"), Encoding.UTF8.GetBytes(JobWriter.Write(job)));
        return new RunFolder(path);
    }

    public static RunFolder Open(string path) => new(path);

    /// <summary>The newest steps that are written, oldest first. A line that a crash tore is cut off.</summary>
    public IReadOnlyList<StepLine> OpenMetrics()
    {
        var path = MetricsOf(_path);
        var lines = MetricsFile.ReadTail(path, out var wholeBytes);
        _metrics = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, 1 << 16);
        _metrics.SetLength(wholeBytes);
        _metrics.Seek(0, SeekOrigin.End);
        return lines;
    }

    public void Append(IReadOnlyList<StepLine> lines)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        foreach (var line in lines)
        {
            StepLineJson.Write(json, line);
            json.Flush();
            json.Reset();
            buffer.Write("\n"u8);
        }

        _metrics!.Write(buffer.WrittenSpan);
        _metrics.Flush();
    }

    public void Append(IReadOnlyList<RecordedEvent> events)
    {
        _events ??= new FileStream(Path.Combine(_path, "events.jsonl"), FileMode.Append, FileAccess.Write, FileShare.Read);
        foreach (var entry in events)
        {
            _events.Write(JsonSerializer.SerializeToUtf8Bytes(new { time = entry.Time, kind = entry.Kind, text = entry.Text }, JsonStyle.OneLine));
            _events.Write("\n"u8);
        }

        _events.Flush();
    }

    public void AppendLog(string workerId, IEnumerable<string> lines)
    {
        // A worker's id comes from outside: it must not lead out of the folder.
        var name = string.Concat(workerId.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_'));
        var path = Path.Combine(_path, "logs", $"worker-{name}.log");
        if (_logsTouched.Add(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        }

        File.AppendAllLines(path, lines);
    }

    /// <summary>result.json, the record for coordinators to come and, with them, everything before them on the disk.</summary>
    public void WriteResult(JobRecord record, JobSpec job)
    {
        _metrics?.Flush(flushToDisk: true);
        _events?.Flush(flushToDisk: true);
        AtomicFile.Write(Path.Combine(_path, "result.json"), RunResult.ToJson(record, job));
        FinishedRuns.Write(_path, record);
    }

    public void Dispose()
    {
        _metrics?.Dispose();
        _events?.Dispose();
    }
}
