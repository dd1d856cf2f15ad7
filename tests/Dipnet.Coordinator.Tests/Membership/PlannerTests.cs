using CsCheck;
using Dipnet.Coordinator.Membership;

namespace Dipnet.Coordinator.Tests.Membership;

public sealed class PlannerTests
{
    private static readonly Gen<(int Microbatches, PlanCandidate[] Candidates)> Standings =
        from power in Gen.Int[0, 6]
        from world in Gen.Int[1, 1 << power]
        from steps in Gen.ULong[0, 2].Array[world]
        from states in Gen.Bool.Array[world]
        from holders in Gen.Int[-1, world - 1].Array[1 << power]
        select (1 << power, Enumerable.Range(0, world).Select(r => new PlanCandidate(
            states[r], steps[r], [.. Enumerable.Range(0, 1 << power).Where(m => holders[m] == r)])).ToArray());

    [Fact]
    public void Plan_AnyStandings_EveryMicrobatchHasOneOwnerAndHeldOnesStay()
    {
        Standings.Sample(
            s =>
            {
                var plan = Planner.Plan(s.Candidates, s.Microbatches, "c", 1);
                Assert.Equal(s.Microbatches, plan.Owners.Count);
                Assert.All(plan.Owners, o => Assert.InRange(o, 0, s.Candidates.Length - 1));
                foreach (var source in plan.StateSources)
                {
                    Assert.All(s.Candidates[source].Held, m => Assert.Equal(source, plan.Owners[m]));
                }
            },
            iter: 5000);
    }

    [Fact]
    public void Plan_AnyStandings_GoesOnFromTheHighestCommittedStep()
    {
        Standings.Sample(
            s =>
            {
                var plan = Planner.Plan(s.Candidates, s.Microbatches, "c", 7);
                var withState = s.Candidates.Where(c => c.HasState).ToList();
                Assert.Equal(withState.Count == 0 ? 7 : withState.Max(c => c.CommittedSteps), plan.CommittedSteps);
                Assert.Equal(withState.Count == 0 ? "c" : "", plan.Checkpoint);
                Assert.Equal(
                    Enumerable.Range(0, s.Candidates.Length).Where(r => s.Candidates[r].HasState && s.Candidates[r].CommittedSteps == plan.CommittedSteps),
                    plan.StateSources);
            },
            iter: 5000);
    }

    [Fact]
    public void Plan_AnyStandings_NobodyTakesMoreThanItsShareBesidesWhatItHolds()
    {
        Standings.Sample(
            s =>
            {
                var plan = Planner.Plan(s.Candidates, s.Microbatches, "", 0);
                var share = (s.Microbatches + s.Candidates.Length - 1) / s.Candidates.Length;
                for (var rank = 0; rank < s.Candidates.Length; rank++)
                {
                    var held = plan.StateSources.Contains(rank) ? s.Candidates[rank].Held.Count : 0;
                    Assert.InRange(plan.Owners.Count(o => o == rank), held, Math.Max(held, share));
                }
            },
            iter: 5000);
    }

    [Fact]
    public void Plan_NothingHeld_OwnersAreContiguousRanges() =>
        Assert.Equal([0, 0, 1, 1, 1, 2, 2, 2], Planner.Plan([.. Enumerable.Repeat(new PlanCandidate(true, 3, []), 3)], 8, "", 0).Owners);

    [Fact]
    public void Plan_OneOfThreeDied_SurvivorsKeepTheirsAndShareTheRest() => Assert.Equal(
        [0, 0, 0, 0, 1, 1, 1, 1],
        Planner.Plan([new PlanCandidate(true, 5, [0, 1]), new PlanCandidate(true, 5, [5, 6, 7])], 8, "", 0).Owners);
}
