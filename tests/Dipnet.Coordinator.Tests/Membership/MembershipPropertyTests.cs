namespace Dipnet.Coordinator.Tests.Membership;

public sealed class MembershipPropertyTests
{
    private const int Orders = 1500;

    [Fact]
    public void Job_ManyOrdersOfEvents_EndsWithEveryStepOnceAndNoGenerationTwice()
    {
        var plans = 0;
        Parallel.For(0, Orders, seed =>
        {
            var workers = 1 + (seed % 4);
            var simulation = new Simulation(seed, workers, Math.Min(workers, 1 + (seed / 4 % 2)));
            simulation.Run(disturbed: 150, calm: 3000);
            Assert.True(simulation.Status == "completed", $"order {seed}: {simulation.Status}\n{simulation.History}");
            Interlocked.Add(ref plans, simulation.Plans);
        });

        // The orders disturb enough to be worth their time: a job has one plan when nothing happens.
        Assert.True(plans > Orders * 3, $"{plans} plans");
    }
}
