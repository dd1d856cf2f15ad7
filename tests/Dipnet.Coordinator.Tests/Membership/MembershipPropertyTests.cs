using CsCheck;

namespace Dipnet.Coordinator.Tests.Membership;

public sealed class MembershipPropertyTests
{
    // Orders that once left a job waiting for ever.
    [Theory]
    [InlineData(1460404445, 2, 2)]
    [InlineData(1777096016, 3, 2)]
    [InlineData(599479597, 2, 2)]
    [InlineData(242810242, 2, 2)]
    [InlineData(1448848417, 3, 2)]
    [InlineData(434916121, 4, 2)]
    [InlineData(1510837171, 2, 2)]
    [InlineData(529141250, 2, 2)]
    [InlineData(2053647791, 3, 2)]
    [InlineData(305804468, 2, 2)]
    [InlineData(393098291, 4, 2)]
    [InlineData(656824193, 3, 2)]
    [InlineData(1208803868, 3, 2)]
    [InlineData(947772387, 2, 2)]
    [InlineData(1446685061, 2, 2)]
    [InlineData(174509736, 2, 2)]
    [InlineData(1373953611, 2, 2)]
    [InlineData(1860105659, 3, 2)]
    [InlineData(1211157360, 3, 2)]
    [InlineData(515218018, 3, 2)]
    [InlineData(2111390977, 2, 2)]
    [InlineData(388510604, 2, 2)]
    [InlineData(1376805720, 3, 2)]
    [InlineData(294763732, 2, 2)]
    public void Job_OrderThatOnceHung_Ends(int seed, int workers, int minimum)
    {
        var simulation = new Simulation(seed, workers, minimum);
        simulation.Run(disturbed: 150, calm: 3000);
        Assert.True(simulation.Status == "completed", $"{simulation.Status}\n{simulation.History}");
    }

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
