using Dipnet.Worker.Control;
using Dipnet.Worker.Hosting;

namespace Dipnet.Worker.Training;

/// <summary>Carries out the faults of a drill on this process, each once.</summary>
internal sealed class Drill(IReadOnlyList<DrillFault> faults, IReporter reporter, Action<int> signal)
{
    private readonly List<DrillFault> _open = [.. faults];

    /// <param name="faults">See <see cref="DrillFault"/>.</param>
    /// <param name="reporter">Gets a line before each strike.</param>
    /// <param name="signal">Sends a signal to this process.</param>
    public Drill(IEnumerable<string> faults, IReporter reporter, Action<int> signal)
        : this(faults.Select(DrillFault.Parse).ToArray(), reporter, signal)
    {
    }

    /// <summary>Strikes when a fault is planned for exactly here.</summary>
    public void At(int rank, ulong step, DrillPhase phase)
    {
        if (_open.Count == 0)
        {
            return;
        }

        var fault = _open.Find(f => f.Strikes(rank, step, phase));
        if (fault is null)
        {
            return;
        }

        _open.Remove(fault);
        // The command that watches the drill reads the time from this line: a process's end is seen only some time after it.
        reporter.Log(
            $"drill: {(fault.Hangs ? "hang" : "kill")} rank {rank} at step {step} in {phase.ToString().ToLowerInvariant()}, {DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()} ms");
        signal(fault.Hangs ? NativeProcess.Stop : NativeProcess.Kill);
    }
}
