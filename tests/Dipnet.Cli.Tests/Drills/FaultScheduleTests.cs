using CsCheck;
using Dipnet.Cli.Commands;
using Dipnet.Cli.Drills;

namespace Dipnet.Cli.Tests.Drills;

public sealed class FaultScheduleTests
{
    private static readonly string[] Ends = ["kill", "leave", "hang"];

    [Fact]
    public void Draw_AnySeed_IsAPlanThatCanHappen()
    {
        var jobs = new[] { "2", "3", "4" }.Select(n => new JobSource(null, ["steps=600", "checkpoint.every-steps=50"], n, null).Load().Job).ToArray();
        var kinds = new HashSet<string>();
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[0, 2]).Sample(
            (seed, job) =>
            {
                var plan = FaultSchedule.Draw(new Random(seed), jobs[job], lastJoin: 200);

                // As the command reads it: every worker and step exists.
                Assert.Equal(plan, FaultPlan.Read(string.Join(',', plan), jobs[job]));
                Assert.Equal(plan, FaultSchedule.Draw(new Random(seed), jobs[job], lastJoin: 200));
                var struck = plan.Where(f => Ends.Contains(f.Kind)).Select(f => f.Number).ToList();
                Assert.Equal(struck.Count, struck.Distinct().Count());
                Assert.True(struck.Count < jobs[job].Workers.Count);
                Assert.All(plan.Where(f => f.Kind == "join"), join => Assert.True(join.Step <= 200));
                Assert.DoesNotContain(plan.SkipWhile(f => f.Kind != "join"), f => f.Kind == "scale");
                Assert.NotEmpty(plan);
                Assert.All(plan.Where(f => f.Kind == "flip"), flip => Assert.All(plan.Where(f => f != flip), other => Assert.True(other.Step >= flip.Step + 64)));
                lock (kinds)
                {
                    kinds.UnionWith(plan.Select(f => f.Kind));
                }
            },
            iter: 2000);

        Assert.Equal(7, kinds.Count);
    }
}
