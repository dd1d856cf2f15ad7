using Dipnet.Coordinator.Membership;
using Dipnet.Protos;
using Member = Dipnet.Coordinator.Membership.Member;

namespace Dipnet.Coordinator.Training;

/// <summary>Collects the members' last words of one generation and says whether they agree. Pure but for what it collected.</summary>
internal sealed class Completion
{
    private readonly Dictionary<string, Finished> _finished = [];
    private ulong _generation;

    /// <summary>All members' messages by rank, once the last one is in; else null.</summary>
    /// <param name="totalSteps">0: the workers count the samples, so they know the last step.</param>
    public IReadOnlyList<(Member Member, Finished Message)>? Add(Member member, Finished message, MembershipState state, ulong totalSteps)
    {
        if (state.Stage != Stage.Planned || message.Generation != state.Generation || (totalSteps > 0 && message.CommittedSteps != totalSteps))
        {
            return null;
        }

        if (_generation != message.Generation)
        {
            _finished.Clear();
            _generation = message.Generation;
        }

        _finished[member.WorkerId] = message;
        var members = state.Members.Where(m => m.Participates).OrderBy(m => m.Rank).ToList();
        return members.TrueForAll(m => _finished.ContainsKey(m.WorkerId))
            ? [.. members.Select(m => (m, _finished[m.WorkerId]))]
            : null;
    }

    /// <summary>Why the members' weights are not one result; null when they are.</summary>
    public static string? Disagreement(IReadOnlyList<(Member Member, Finished Message)> all)
    {
        var digests = all.ToDictionary(a => a.Member.WorkerId, a => a.Message.WeightsSha256);
        return Agreement.Difference([.. all.Select(a => a.Member)], m => digests[m.WorkerId]) is { } text ? $"at the end {text}" : null;
    }

    /// <summary>Fills the record's results.</summary>
    public static void Record(IReadOnlyList<(Member Member, Finished Message)> all, JobRecord record, double? trainLoss)
    {
        record.WeightsSha256 = all[0].Message.WeightsSha256;
        record.Transport = string.Join('+', all.SelectMany(a => a.Message.Transport.Split('+')).Where(t => t.Length > 0).Distinct().Order());
        if (all.Select(a => a.Message.Sigma).FirstOrDefault(s => s.Count > 0) is { } sigma)
        {
            record.Sigma = [.. sigma.Select(s => new RecordedSigma(s.Layer, s.Mean, s.Min, s.Max))];
        }

        if (trainLoss is { } loss)
        {
            record.Metrics["train/loss"] = loss;
        }

        var eval = all.Select(a => a.Message.Eval ?? new EvalCounts()).ToList();
        Share(record, "eval/accuracy", eval, e => e.Correct, e => e.Samples);
        Share(record, "eval/noiseAccuracy", eval, e => e.NoiseCorrect, e => e.Noised);
        Share(record, "eval/pgdAccuracy", eval, e => e.AttackCorrect, e => e.Attacked);
        Share(record, "eval/typoAccuracy", eval, e => e.TypoCorrect, e => e.Typos);
        Share(record, "eval/nll", eval, e => e.NllSum, e => e.Tokens);
        if (record.Metrics.TryGetValue("eval/nll", out var nll))
        {
            record.Metrics["eval/perplexity"] = Math.Exp(nll);
        }
    }

    private static void Share(
        JobRecord record, string name, List<EvalCounts> eval, Func<EvalCounts, double> part, Func<EvalCounts, double> whole)
    {
        if (eval.Sum(whole) is > 0 and var total)
        {
            record.Metrics[name] = eval.Sum(part) / total;
        }
    }
}
