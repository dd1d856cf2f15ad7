using System.Globalization;

namespace Dipnet.Cli.Drills;

/// <summary>One fault of a drill.</summary>
/// <param name="Kind">kill | hang | leave | flip | join | scale | coordinator.</param>
/// <param name="Number">kill, hang, leave, flip: which worker, counted from 0 in the order in which they joined; scale: how many workers.</param>
/// <param name="Step">When, or as soon after as the phase is reached; null: the first time that <paramref name="Phase"/> is reached.</param>
/// <param name="Phase">What a worker does to itself: where in the step; null: in backward, a flip before forward.</param>
internal sealed record PlannedFault(string Kind, int? Number, ulong? Step, string? Phase)
{
    public static readonly IReadOnlyList<string> Phases = ["forward", "backward", "reduce", "gather", "optimizer", "checkpoint"];

    private const string Forms =
        "must be kill:WORKER@STEP, kill:WORKER@STEP:PHASE, kill:WORKER@PHASE, the same with hang, leave and flip, join@STEP, scale:WORKERS@STEP or coordinator@STEP; phases: ";

    /// <summary>A worker does it to itself.</summary>
    public bool ByWorker => IsByWorker(Kind);

    /// <summary>The worker that does it to itself; null when this command does it.</summary>
    public int? Worker => ByWorker ? Number : null;

    /// <summary>Where in the step, the default in place.</summary>
    public string PhaseOrDefault => Phase ?? (Kind == "flip" ? "forward" : "backward");

    /// <summary>As a plan is written; reads back to the same fault.</summary>
    public override string ToString() => Kind
        + (Number is { } number ? $":{number}" : "")
        + "@" + (Step is { } step ? step.ToString(CultureInfo.InvariantCulture) : "")
        + (Step is not null && Phase is not null ? ":" : "") + Phase;

    /// <summary>Reads one fault; <paramref name="rule"/> says why the text is none.</summary>
    public static bool TryParse(string text, out PlannedFault fault, out string rule)
    {
        fault = new PlannedFault("", null, null, null);
        rule = Forms + string.Join(", ", Phases);
        var halves = text.Split('@');
        var what = halves[0].Split(':');
        if (halves.Length != 2 || !(IsByWorker(what[0]) || what[0] is "join" or "scale" or "coordinator"))
        {
            return false;
        }

        var numbered = IsByWorker(what[0]) || what[0] == "scale";
        var number = 0;
        if (what.Length != (numbered ? 2 : 1) || (numbered && !int.TryParse(what[1], NumberStyles.None, CultureInfo.InvariantCulture, out number)))
        {
            return false;
        }

        var where = halves[1].Split(':');
        var hasStep = ulong.TryParse(where[0], NumberStyles.None, CultureInfo.InvariantCulture, out var step);
        var phase = where.Length == 2 ? where[1] : hasStep ? null : where[0];
        if (where.Length > 2 || (where.Length == 2 && !hasStep) || (phase is not null && (!IsByWorker(what[0]) || !Phases.Contains(phase))))
        {
            return false;
        }

        fault = new PlannedFault(what[0], numbered ? number : null, hasStep ? step : null, phase);
        rule = "";
        return true;
    }

    private static bool IsByWorker(string kind) => kind is "kill" or "hang" or "leave" or "flip";
}
