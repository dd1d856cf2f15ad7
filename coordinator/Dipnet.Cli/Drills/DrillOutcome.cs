using Dipnet.Protos;

namespace Dipnet.Cli.Drills;

/// <summary>The two runs of a drill.</summary>
internal sealed record DrillOutcome(JobSnapshot Undisturbed, JobSnapshot Disturbed, IReadOnlyList<FaultOutcome> Faults)
{
    public int Happened => Faults.Count(fault => fault.Happened);

    public bool DigestsEqual => Undisturbed.WeightsSha256.Length > 0 && Undisturbed.WeightsSha256 == Disturbed.WeightsSha256;

    /// <summary>Every fault happened, and the weights are the same bits.</summary>
    public bool Passed => Happened == Faults.Count && DigestsEqual;

    /// <summary>
    /// Bytes that the disturbed run's workers received because of its faults, as they counted them: gradients of attempts that a fence broke off (received again
    /// in the next attempt) and training state pulled from peers. What a worker received that died in the same quarter of a second is not in it.
    /// </summary>
    public ulong BytesSentAgain => Disturbed.RepeatedBytes + Disturbed.StateBytes;
}
