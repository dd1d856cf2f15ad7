using CsCheck;

namespace Dipnet.Coordinator.Tests.Membership;

public sealed class MembershipPropertyTests
{
    [Fact]
    public void Job_AnyOrderOfEvents_EndsWithEveryStepOnceAndNoGenerationTwice()
    {
        var plans = 0;
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[1, 4], Gen.Int[1, 2]).Sample(
            (seed, workers, minimum) =>
            {
                var simulation = new Simulation(seed, workers, Math.Min(workers, minimum));
                simulation.Run(disturbed: 150, calm: 3000);
                Assert.True(simulation.Status == "completed", $"{simulation.Status}\n{simulation.History}");
                Interlocked.Add(ref plans, simulation.Plans);
            },
            iter: 3000);

        // The orders disturb enough to be worth their time: a job has one plan when nothing happens.
        Assert.True(plans > 3000 * 3, $"{plans} plans");
    }
}
