using System.Globalization;

namespace Dipnet.Cli.Drills;

/// <summary>One fault of a drill.</summary>
/// <param name="Kind">kill | hang | join | coordinator.</param>
/// <param name="Worker">kill, hang: which worker, counted from 0 in the order in which they joined.</param>
/// <param name="Step">When; null: the first time that <paramref name="Phase"/> is reached.</param>
/// <param name="Phase">kill, hang: where in the step; null: in backward.</param>
internal sealed record PlannedFault(string Kind, int? Worker, ulong? Step, string? Phase)
{
    public static readonly IReadOnlyList<string> Phases = ["forward", "backward", "reduce", "gather", "optimizer", "checkpoint"];

    /// <summary>A worker does it to itself, at exactly that place.</summary>
    public bool ByWorker => Kind is "kill" or "hang";

    /// <summary>As a plan is written; reads back to the same fault.</summary>
    public override string ToString() => Kind
        + (Worker is { } worker ? $":{worker}" : "")
        + "@" + (Step is { } step ? step.ToString(CultureInfo.InvariantCulture) : "")
        + (Step is not null && Phase is not null ? ":" : "") + Phase;

    /// <summary>Reads one fault; <paramref name="rule"/> says why the text is none.</summary>
    public static bool TryParse(string text, out PlannedFault fault, out string rule)
    {
        fault = new PlannedFault("", null, null, null);
        rule = "must be kill:WORKER@STEP, kill:WORKER@STEP:PHASE, kill:WORKER@PHASE, the same with hang, join@STEP or coordinator@STEP; phases: " + string.Join(", ", Phases);
        var halves = text.Split('@');
        var what = halves[0].Split(':');
        if (halves.Length != 2 || what[0] is not ("kill" or "hang" or "join" or "coordinator"))
        {
            return false;
        }

        var byWorker = what[0] is "kill" or "hang";
        var worker = 0;
        if (what.Length != (byWorker ? 2 : 1) || (byWorker && !int.TryParse(what[1], NumberStyles.None, CultureInfo.InvariantCulture, out worker)))
        {
            return false;
        }

        var where = halves[1].Split(':');
        var hasStep = ulong.TryParse(where[0], NumberStyles.None, CultureInfo.InvariantCulture, out var step);
        var phase = where.Length == 2 ? where[1] : hasStep ? null : where[0];
        if (where.Length > 2 || (where.Length == 2 && !hasStep) || (phase is not null && (!byWorker || !Phases.Contains(phase))))
        {
            return false;
        }

        fault = new PlannedFault(what[0], byWorker ? worker : null, hasStep ? step : null, phase);
        rule = "";
        return true;
    }
}
