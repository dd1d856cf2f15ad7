using Dipnet.Protos;
using Dipnet.Worker.Control;

namespace Dipnet.Worker.Training;

/// <summary>A request to this process to leave (SIGTERM). The coordinator is told at a step boundary, once. Thread-safe.</summary>
internal sealed class Leave(IReporter reporter)
{
    private int _told;
    private volatile string? _reason;

    public bool IsRequested => _reason is not null;

    public void Request(string reason) => _reason ??= reason;

    /// <summary>At a step boundary: tells the coordinator when leaving was asked for.</summary>
    public void TellWhenRequested()
    {
        if (_reason is { } reason && Interlocked.Exchange(ref _told, 1) == 0)
        {
            reporter.Log($"leaving: {reason}");
            reporter.Send(new WorkerMessage { Leaving = new Leaving { Reason = reason } });
        }
    }
}
