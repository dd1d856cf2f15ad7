using Dipnet.Modules;
using Dipnet.Modules.Language;
using Dipnet.Protos;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Language;

/// <summary>Negative log-likelihood of held-out sequences, in nats, in the job's precision.</summary>
internal sealed class HeldOutLikelihood(DecoderModel model, JobSpec job, Device device)
{
    private const int Rows = 8;

    /// <summary>Sums are kept as multiples of this, which doubles add without rounding, so that they do not depend on who adds which part.</summary>
    private const double Unit = 1.0 / (1 << 20);

    /// <summary>Adds the batches whose number leaves <paramref name="part"/> on division by <paramref name="parts"/>.</summary>
    /// <param name="trajectories">Probabilities of a token are averaged over these draws; 0: mean mode, without noise.</param>
    public void Add(ISequenceSet test, int trajectories, int part, int parts, EvalCounts counts, CancellationToken interrupt)
    {
        using var none = torch.no_grad();
        var samples = job.Eval.Samples > 0 ? (int)Math.Min(job.Eval.Samples, test.Count) : test.Count;
        for (var number = part; number * Rows < samples && !interrupt.IsCancellationRequested; number += parts)
        {
            using var scope = torch.NewDisposeScope();
            var first = number * Rows;
            var batch = SequenceBatch.Of(test, [.. Enumerable.Range(first, Math.Min(Rows, samples - first))], device);
            var sum = -TargetLogProbabilities(batch, number, trajectories).to(ScalarType.Float64).sum().item<double>();
            counts.NllSum += Math.Round(sum / Unit) * Unit;
            counts.Tokens += (ulong)batch.TargetCount;
        }
    }

    // log of the probability of every target, averaged over the draws, [n].
    private Tensor TargetLogProbabilities(SequenceBatch batch, int number, int trajectories)
    {
        using var precision = job.Precision == "bf16" ? new Autocast(device.type) : default;
        if (trajectories == 0)
        {
            return Pass(batch);
        }

        var draws = new Tensor[trajectories];
        for (var t = 0; t < trajectories; t++)
        {
            using var noise = NoiseScope.Begin(new NoiseKey(job.Seed, (ulong)number, 0) { Purpose = NoisePurpose.Prediction }, 1, t);
            draws[t] = Pass(batch);
        }

        return torch.stack(draws).logsumexp(0) - Math.Log(trajectories);
    }

    private Tensor Pass(SequenceBatch batch)
    {
        using var scope = torch.NewDisposeScope();
        var hidden = model.Hidden(batch.Input);
        var rows = hidden.view(-1, hidden.shape[^1]).index_select(0, batch.Places);
        var chosen = Objective.LogProbabilities(model.Head(rows)).gather(1, batch.Labels.unsqueeze(1)).squeeze(1);
        return chosen.MoveToOuterDisposeScope();
    }
}
