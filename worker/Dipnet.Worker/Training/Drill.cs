using Dipnet.Worker.Control;
using Dipnet.Worker.Hosting;

namespace Dipnet.Worker.Training;

/// <summary>Carries out the faults of a drill on this process, each once.</summary>
internal sealed class Drill(IReadOnlyList<DrillFault> faults, IReporter reporter, Action<int> signal, Action flip)
{
    private readonly List<DrillFault> _open = [.. faults.OrderBy(f => f.Step)];

    /// <param name="faults">See <see cref="DrillFault"/>.</param>
    /// <param name="reporter">Gets a line before each strike.</param>
    /// <param name="signal">Sends a signal to this process.</param>
    /// <param name="flip">Turns a bit of the weights round.</param>
    public Drill(IEnumerable<string> faults, IReporter reporter, Action<int> signal, Action flip)
        : this(faults.Select(DrillFault.Parse).ToArray(), reporter, signal, flip)
    {
    }

    /// <summary>Strikes when a fault is planned for here.</summary>
    public void At(int rank, ulong step, DrillPhase phase)
    {
        if (_open.Count == 0 || _open.Find(f => f.Strikes(rank, step, phase)) is not { } fault)
        {
            return;
        }

        _open.Remove(fault);
        // The command that watches the drill reads the time from this line: a process's end is seen only some time after it.
        reporter.Log(
            $"drill: {Name(fault.Kind)} rank {rank} at step {step} in {Name(phase)}, {DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()} ms");
        switch (fault.Kind)
        {
            case DrillKind.Kill:
                signal(NativeProcess.Kill);
                break;
            case DrillKind.Hang:
                signal(NativeProcess.Stop);
                break;
            case DrillKind.Leave:
                signal(NativeProcess.Terminate);
                break;
            case DrillKind.Flip:
                flip();
                break;
        }
    }

    private static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
