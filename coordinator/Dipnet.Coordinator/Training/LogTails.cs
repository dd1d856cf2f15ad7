namespace Dipnet.Coordinator.Training;

/// <summary>The newest log lines of each worker; they explain a failure.</summary>
internal sealed class LogTails
{
    private const int LinesPerWorker = 50;
    private readonly Dictionary<string, Queue<string>> _lines = [];

    public void Add(string workerId, IEnumerable<string> lines)
    {
        if (!_lines.TryGetValue(workerId, out var tail))
        {
            _lines[workerId] = tail = new Queue<string>();
        }

        foreach (var line in lines)
        {
            tail.Enqueue(line);
            if (tail.Count > LinesPerWorker)
            {
                tail.Dequeue();
            }
        }
    }

    /// <summary>A line "Last log lines:" and those, or nothing when the worker logged none.</summary>
    public string Describe(string workerId) => _lines.TryGetValue(workerId, out var tail) && tail.Count > 0
        ? "\nLast log lines:\n" + string.Join('\n', tail)
        : "";
}
