using Dipnet.Protos;

namespace Dipnet.Coordinator.Metrics;

/// <summary>
/// Puts the workers' reports together, one line a step in step order. A step is complete when all its microbatches were reported;
/// what was written is never written again. Not thread-safe.
/// </summary>
internal sealed class StepLedger(int microbatches, ulong next)
{
    /// <summary>A complete step this far ahead of an incomplete one shows that the missing report was lost with its worker.</summary>
    private const int Window = 256;

    private readonly SortedDictionary<ulong, PendingStep> _pending = [];

    /// <summary>The first step without a line.</summary>
    public ulong Next { get; private set; } = next;

    public IReadOnlyList<StepLine> Add(string workerId, StepReports reports, DateTimeOffset now)
    {
        foreach (var report in reports.Steps)
        {
            if (report.Step < Next)
            {
                continue;
            }

            if (!_pending.TryGetValue(report.Step, out var pending))
            {
                _pending[report.Step] = pending = new PendingStep(microbatches);
            }

            pending.Add(workerId, report);
        }

        var lines = new List<StepLine>();
        while (_pending.Count > 0)
        {
            var (step, pending) = _pending.First();
            var due = step == Next && pending.IsComplete;
            if (!due && _pending.Count < Window)
            {
                break;
            }

            Take(step, pending, reports.Generation, now, lines);
        }

        return lines;
    }

    /// <summary>
    /// Lines of the steps before <paramref name="committed"/> as far as they were reported. Called at a plan: whoever is in it sent its
    /// reports before its standing, so what is missing was lost with its worker.
    /// </summary>
    public IReadOnlyList<StepLine> Flush(ulong committed, ulong generation, DateTimeOffset now)
    {
        var lines = new List<StepLine>();
        while (_pending.Count > 0 && _pending.First() is var (step, pending) && step < committed)
        {
            Take(step, pending, generation, now, lines);
        }

        return lines;
    }

    private void Take(ulong step, PendingStep pending, ulong generation, DateTimeOffset now, List<StepLine> lines)
    {
        lines.Add(pending.ToLine(step, generation, now));
        _pending.Remove(step);
        Next = step + 1;
    }
}
