using System.Globalization;

namespace Dipnet.Worker.Training;

/// <summary>
/// A fault that a drill asks a worker to do to itself: <c>KIND:RANK@STEP:PHASE</c>. Without a rank it is this worker's; without a phase it strikes in backward (a
/// flip before forward); <c>kill:2@checkpoint</c> strikes at the first checkpoint. It strikes at the first chance from the step on: a worker that was fenced in
/// the very step may pass the phase only in the next.
/// </summary>
/// <param name="Kind">What happens.</param>
/// <param name="Rank">Whose it is; null: the receiver's.</param>
/// <param name="Step">The earliest step; null: the first time that the phase is reached.</param>
/// <param name="Phase">Where in the step.</param>
internal sealed record DrillFault(DrillKind Kind, int? Rank, ulong? Step, DrillPhase Phase)
{
    /// <exception cref="FormatException">The text is none of the forms; the message says which are.</exception>
    public static DrillFault Parse(string text)
    {
        var halves = text.Split('@');
        var what = halves[0].Split(':');
        var where = halves.Length == 2 ? halves[1].Split(':') : [];
        if (what.Length > 2 || where.Length is 0 or > 2 || !TryName<DrillKind>(what[0], out var kind))
        {
            throw Wrong(text);
        }

        int? rank = what.Length == 1 ? null : int.TryParse(what[1], NumberStyles.None, CultureInfo.InvariantCulture, out var r) ? r : throw Wrong(text);
        if (where.Length == 1 && TryName<DrillPhase>(where[0], out var alone))
        {
            return new DrillFault(kind, rank, null, alone);
        }

        if (!ulong.TryParse(where[0], NumberStyles.None, CultureInfo.InvariantCulture, out var step))
        {
            throw Wrong(text);
        }

        var phase = kind == DrillKind.Flip ? DrillPhase.Forward : DrillPhase.Backward;
        return where.Length == 2 && !TryName(where[1], out phase) ? throw Wrong(text) : new DrillFault(kind, rank, step, phase);
    }

    /// <summary>True at the planned place.</summary>
    public bool Strikes(int rank, ulong step, DrillPhase phase) => phase == Phase && (Rank ?? rank) == rank && step >= (Step ?? 0);

    // Enum.TryParse takes numbers too.
    private static bool TryName<T>(string text, out T value)
        where T : struct, Enum => Enum.TryParse(text, ignoreCase: true, out value) && char.IsAsciiLetter(text[0]);

    private static FormatException Wrong(string text) => new(
        $"fault \"{text}\": must be one of {Names<DrillKind>()}, optionally :RANK, then @STEP, @STEP:PHASE or @PHASE with a phase of {Names<DrillPhase>()}");

    private static string Names<T>()
        where T : struct, Enum => string.Join(", ", Enum.GetNames<T>().Select(n => n.ToLowerInvariant()));
}
