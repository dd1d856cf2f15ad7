using System.Globalization;

namespace Dipnet.Worker.Training;

/// <summary>Points of a step at which a drill can strike.</summary>
internal enum DrillPhase
{
    Forward,
    Backward,
    Reduce,
    Gather,
    Optimizer,
    Checkpoint,
}

/// <summary>
/// A fault that a drill asks a worker to do to itself: <c>kill:RANK@STEP:PHASE</c> or <c>hang:…</c>. Without a rank it is this worker's; without a phase it
/// strikes in backward; <c>kill:2@checkpoint</c> strikes at the first checkpoint.
/// </summary>
/// <param name="Hangs">SIGSTOP instead of SIGKILL.</param>
/// <param name="Rank">Whose it is; null: the receiver's.</param>
/// <param name="Step">Null: the first time that the phase is reached.</param>
/// <param name="Phase">Where in the step.</param>
internal sealed record DrillFault(bool Hangs, int? Rank, ulong? Step, DrillPhase Phase)
{
    /// <exception cref="FormatException">The text is none of the forms; the message says which are.</exception>
    public static DrillFault Parse(string text)
    {
        var halves = text.Split('@');
        var what = halves[0].Split(':');
        var where = halves.Length == 2 ? halves[1].Split(':') : [];
        if (what.Length > 2 || where.Length is 0 or > 2 || what[0] is not ("kill" or "hang"))
        {
            throw Wrong(text);
        }

        int? rank = what.Length == 1 ? null : int.TryParse(what[1], NumberStyles.None, CultureInfo.InvariantCulture, out var r) ? r : throw Wrong(text);
        if (where.Length == 1 && Enum.TryParse<DrillPhase>(where[0], ignoreCase: true, out var alone) && !char.IsAsciiDigit(where[0][0]))
        {
            return new DrillFault(what[0] == "hang", rank, null, alone);
        }

        if (!ulong.TryParse(where[0], NumberStyles.None, CultureInfo.InvariantCulture, out var step))
        {
            throw Wrong(text);
        }

        var phase = DrillPhase.Backward;
        if (where.Length == 2 && (!Enum.TryParse(where[1], ignoreCase: true, out phase) || char.IsAsciiDigit(where[1].FirstOrDefault('0'))))
        {
            throw Wrong(text);
        }

        return new DrillFault(what[0] == "hang", rank, step, phase);
    }

    /// <summary>True at exactly the planned place.</summary>
    public bool Strikes(int rank, ulong step, DrillPhase phase) => phase == Phase && (Rank ?? rank) == rank && (Step ?? step) == step;

    private static FormatException Wrong(string text) => new(
        $"fault \"{text}\": must be kill or hang, optionally :RANK, then @STEP, @STEP:PHASE or @PHASE with a phase of "
        + string.Join(", ", Enum.GetNames<DrillPhase>().Select(n => n.ToLowerInvariant())));
}
