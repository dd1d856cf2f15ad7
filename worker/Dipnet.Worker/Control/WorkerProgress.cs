using Dipnet.Protos;

namespace Dipnet.Worker.Control;

/// <summary>Where the training thread is, for heartbeats and Hello. Written by the training thread, read by the control link; fields may be one write apart.</summary>
internal sealed class WorkerProgress
{
    private volatile string _job = "";
    private volatile int _phase;
    private volatile int _microbatches;
    private ulong _generation;
    private ulong _committed;
    private Traffic _traffic = new();
    private volatile Func<IReadOnlyList<int>>? _waitingFor;

    public string Job { get => _job; set => _job = value; }

    public Phase Phase { get => (Phase)_phase; set => _phase = (int)value; }

    public int MicrobatchesDone { get => _microbatches; set => _microbatches = value; }

    public ulong Generation { get => Volatile.Read(ref _generation); set => Volatile.Write(ref _generation, value); }

    public ulong CommittedSteps { get => Volatile.Read(ref _committed); set => Volatile.Write(ref _committed, value); }

    /// <summary>Bytes received over this worker's part in its job; replaced as a whole.</summary>
    public Traffic Traffic { get => Volatile.Read(ref _traffic); set => Volatile.Write(ref _traffic, value); }

    /// <summary>Asks the exchange for the ranks whose data it lacks; null while nothing is exchanged.</summary>
    public Func<IReadOnlyList<int>>? WaitingFor { set => _waitingFor = value; }

    public Heartbeat ToHeartbeat(ulong residentBytes)
    {
        var beat = new Heartbeat
        {
            JobId = Job,
            Generation = Generation,
            CommittedSteps = CommittedSteps,
            Phase = Phase,
            MicrobatchesDone = (uint)MicrobatchesDone,
            ResidentBytes = residentBytes,
            Traffic = Traffic,
        };
        foreach (var rank in _waitingFor?.Invoke() ?? [])
        {
            beat.WaitingFor.Add((uint)rank);
        }

        return beat;
    }
}
