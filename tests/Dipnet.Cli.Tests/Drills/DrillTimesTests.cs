using Dipnet.Cli.Drills;
using Dipnet.Protos;

namespace Dipnet.Cli.Tests.Drills;

public sealed class DrillTimesTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000);

    [Fact]
    public void Of_Kill_TakesTheFirstEventAndTheFirstStepAfterIt()
    {
        var job = new JobSnapshot();
        job.Events.Add(new JobEvent { Kind = "member", UnixMs = Ms(1.0) });
        job.Events.Add(new JobEvent { Kind = "member", UnixMs = Ms(5.3) });
        var kill = new FaultOutcome(new PlannedFault("kill", 1, 20, null), Start.AddSeconds(5));

        var outcome = Assert.Single(DrillTimes.Of([kill], job, [Start.AddSeconds(4), Start.AddSeconds(5.1), Start.AddSeconds(7)]));

        Assert.Equal(0.3, outcome.DetectSeconds!.Value, 0.002);
        Assert.Equal(2.0, outcome.NextStepSeconds!.Value, 0.002);
    }

    [Fact]
    public void Of_FaultThatDidNotHappen_HasNoTimes()
    {
        var outcome = Assert.Single(DrillTimes.Of([new FaultOutcome(new PlannedFault("join", null, 5, null), null)], new JobSnapshot(), [Start]));

        Assert.False(outcome.Happened);
        Assert.Null(outcome.NextStepSeconds);
    }

    [Fact]
    public void Passed_NeedsEveryFaultAndEqualDigests()
    {
        var same = new JobSnapshot { WeightsSha256 = "ab" };
        var happened = new FaultOutcome(new PlannedFault("join", null, 5, null), Start);

        Assert.True(new DrillOutcome(same, same, [happened]).Passed);
        Assert.False(new DrillOutcome(same, same, [happened, happened with { At = null }]).Passed);
        Assert.False(new DrillOutcome(same, new JobSnapshot { WeightsSha256 = "cd" }, [happened]).Passed);
        Assert.False(new DrillOutcome(new JobSnapshot(), new JobSnapshot(), [happened]).Passed);
    }

    private static long Ms(double seconds) => Start.AddSeconds(seconds).ToUnixTimeMilliseconds();
}
