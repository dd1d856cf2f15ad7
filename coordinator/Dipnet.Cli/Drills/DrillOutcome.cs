using Dipnet.Protos;

namespace Dipnet.Cli.Drills;

/// <summary>The two runs of a drill.</summary>
internal sealed record DrillOutcome(JobSnapshot Undisturbed, JobSnapshot Disturbed, IReadOnlyList<FaultOutcome> Faults)
{
    public int Happened => Faults.Count(fault => fault.Happened);

    public bool DigestsEqual => Undisturbed.WeightsSha256.Length > 0 && Undisturbed.WeightsSha256 == Disturbed.WeightsSha256;

    /// <summary>Every fault happened, and the weights are the same bits.</summary>
    public bool Passed => Happened == Faults.Count && DigestsEqual;

    /// <summary>Bytes that the disturbed run exchanged beyond the undisturbed one.</summary>
    public ulong BytesSentAgain
    {
        get
        {
            var disturbed = Disturbed.WeightsBytes + Disturbed.ProjectionsBytes;
            var undisturbed = Undisturbed.WeightsBytes + Undisturbed.ProjectionsBytes;
            return disturbed > undisturbed ? disturbed - undisturbed : 0;
        }
    }
}
