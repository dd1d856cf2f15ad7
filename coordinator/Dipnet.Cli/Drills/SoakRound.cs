namespace Dipnet.Cli.Drills;

/// <summary>One round of a soak.</summary>
/// <param name="Number">From 0.</param>
/// <param name="Workers">At its start.</param>
/// <param name="Faults">Planned.</param>
/// <param name="RunFolder">Of the disturbed run.</param>
/// <param name="BytesSentAgain">As <see cref="DrillOutcome.BytesSentAgain"/>.</param>
/// <param name="Failure">Null: every fault happened and the weights are the undisturbed run's.</param>
internal sealed record SoakRound(int Number, uint Workers, IReadOnlyList<PlannedFault> Faults, string RunFolder, ulong BytesSentAgain, string? Failure)
{
    /// <summary>Flags of <c>dipnet drill</c> that repeat it.</summary>
    public string Command => $"--workers {Workers} --faults {string.Join(',', Faults)}";
}
