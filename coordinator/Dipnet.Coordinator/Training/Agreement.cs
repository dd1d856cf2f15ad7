using Dipnet.Coordinator.Membership;
using Dipnet.Protos;
using Member = Dipnet.Coordinator.Membership.Member;

namespace Dipnet.Coordinator.Training;

/// <summary>Compares the members' digests of the same committed step under the same generation.</summary>
internal sealed class Agreement
{
    private readonly SortedDictionary<ulong, Dictionary<string, string>> _byStep = [];
    private ulong _generation;

    /// <summary>The verdict on a step once every member's digest of it is in; else null.</summary>
    public DigestVerdict? Add(Member member, DigestReport report, MembershipState state)
    {
        if (state.Stage != Stage.Planned || report.Generation != state.Generation)
        {
            return null;
        }

        if (_generation != report.Generation)
        {
            _byStep.Clear();
            _generation = report.Generation;
        }

        if (!_byStep.TryGetValue(report.CommittedSteps, out var digests))
        {
            _byStep[report.CommittedSteps] = digests = [];
        }

        digests[member.WorkerId] = report.Sha256;
        var members = state.Members.Where(m => m.Participates).OrderBy(m => m.Rank).ToList();
        if (!members.TrueForAll(m => digests.ContainsKey(m.WorkerId)))
        {
            return null;
        }

        foreach (var done in _byStep.Keys.Where(s => s <= report.CommittedSteps).ToList())
        {
            _byStep.Remove(done);
        }

        return Judge(report.CommittedSteps, members, digests);
    }

    private static DigestVerdict Judge(ulong step, List<Member> members, Dictionary<string, string> digests)
    {
        var groups = members.GroupBy(m => digests[m.WorkerId]).OrderByDescending(g => g.Count()).ToList();
        if (groups.Count == 1)
        {
            return new DigestVerdict(step, [], true, "");
        }

        if (groups[0].Count() * 2 > members.Count)
        {
            var wrong = groups.Skip(1).SelectMany(g => g).OrderBy(m => m.Rank).ToList();
            return new DigestVerdict(step, [.. wrong.Select(m => m.WorkerId)], true,
                $"after step {step} the weights of {Names(wrong)} differ from the majority's; healed from peers");
        }

        return new DigestVerdict(step, [.. members.Select(m => m.WorkerId)], false,
            $"after step {step} the weights differ without a majority: {string.Join("; ", groups.Select(g => $"{Names(g)} has {g.Key}"))}; computed again");
    }

    private static string Names(IEnumerable<Member> members) => string.Join(", ", members.Select(m => $"{m.WorkerId} (rank {m.Rank})"));
}
