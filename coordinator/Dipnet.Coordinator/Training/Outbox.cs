using Dipnet.Coordinator.Checkpoints;
using Dipnet.Protos;

namespace Dipnet.Coordinator.Training;

/// <summary>What a <see cref="JobMachine"/> wants done: first the record is made durable, then the messages leave.</summary>
internal sealed class Outbox
{
    /// <summary>By stream, in order.</summary>
    public List<(Guid Connection, CoordinatorMessage Message)> Messages { get; } = [];

    /// <summary>Streams to end.</summary>
    public List<(Guid Connection, string Reason)> Closings { get; } = [];

    /// <summary>Happened since the last <see cref="Clear"/>.</summary>
    public List<RecordedEvent> Events { get; } = [];

    /// <summary>Checkpoints that must not be loaded again: their manifests are put aside.</summary>
    public List<PublishedCheckpoint> Withdrawn { get; } = [];

    /// <summary>The record changed in a way that a restart must not forget.</summary>
    public bool Dirty { get; set; }

    public void Clear()
    {
        Messages.Clear();
        Closings.Clear();
        Events.Clear();
        Withdrawn.Clear();
        Dirty = false;
    }
}
