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

    private static DigestVerdict Judge(ulong step, List<Member> members, Dictionary<string, string> digests) =>
        new(step, Difference(members, m => digests[m.WorkerId]) is { } text ? $"after step {step} {text}" : null);

    /// <summary>Whose weights differ, by a majority of the members; without one, who has what. Null when all are equal.</summary>
    public static string? Difference(IReadOnlyList<Member> members, Func<Member, string> digest)
    {
        var groups = members.GroupBy(digest).OrderByDescending(g => g.Count()).ToList();
        return groups.Count == 1 ? null
            : groups[0].Count() * 2 > members.Count
                ? $"the weights of {Names(groups.Skip(1).SelectMany(g => g).OrderBy(m => m.Rank))} differ from the majority's"
                : $"the weights differ without a majority: {string.Join("; ", groups.Select(g => $"{Names(g)} has {g.Key}"))}";
    }

    private static string Names(IEnumerable<Member> members) => string.Join(", ", members.Select(m => $"{m.WorkerId} (rank {m.Rank})"));
}
