using Dipnet.Protos;

namespace Dipnet.Coordinator.Metrics;

/// <summary>What the workers reported of one step so far.</summary>
internal sealed class PendingStep(int microbatches)
{
    private readonly MicrobatchLoss?[] _losses = new MicrobatchLoss?[microbatches];
    private readonly Dictionary<string, StepReport> _reports = [];
    private int _reported;

    public bool IsComplete => _reported == _losses.Length;

    /// <summary>A repeated report changes nothing but its own place.</summary>
    public void Add(string workerId, StepReport report)
    {
        _reports[workerId] = report;
        foreach (var loss in report.Losses)
        {
            if (loss.Microbatch < _losses.Length)
            {
                _reported += _losses[loss.Microbatch] is null ? 1 : 0;
                _losses[loss.Microbatch] = loss;
            }
        }
    }

    /// <summary>Means over the reported microbatches, added in their order, so that the line is the same for any number of workers.</summary>
    public StepLine ToLine(ulong step, ulong generation, DateTimeOffset time)
    {
        double loss = 0, nll = 0, penalty = 0, stability = 0, samples = 0;
        foreach (var part in _losses)
        {
            if (part is not null)
            {
                loss += part.Loss;
                nll += part.Nll;
                penalty += part.Penalty;
                stability += part.Stability;
                samples += part.Samples;
            }
        }

        var seconds = new double[StepSeries.Phases.Length];
        foreach (var report in _reports.Values)
        {
            var s = report.Seconds ?? new PhaseSeconds();
            seconds[0] = Math.Max(seconds[0], s.Step);
            ReadOnlySpan<double> phases = [s.Data, s.Compute, s.ExchangeHidden, s.ExchangeExposed, s.Optimizer, s.Checkpoint];
            for (var i = 0; i < phases.Length; i++)
            {
                seconds[i + 1] += phases[i] / _reports.Count;
            }
        }

        ulong weightsBytes = 0, projectionsBytes = 0;
        foreach (var report in _reports.Values)
        {
            weightsBytes += report.WeightsBytes;
            projectionsBytes += report.ProjectionsBytes;
        }

        var first = _reports.Values.MinBy(r => r.Rank)!;
        var count = Math.Max(1, _reported);
        return new StepLine
        {
            Step = step,
            Loss = loss / count,
            Nll = nll / count,
            Penalty = penalty / count,
            Stability = stability / count,
            LearningRate = first.LearningRate,
            WeightsNorm = first.WeightsNorm,
            ProjectionsNorm = first.ProjectionsNorm,
            SamplesPerSecond = seconds[0] > 0 ? samples / seconds[0] : 0,
            Seconds = seconds,
            Workers = _reports.Count,
            Partial = !IsComplete,
            Generation = generation,
            Time = time,
            WeightsBytes = weightsBytes,
            ProjectionsBytes = projectionsBytes,
            Sigma = first.Sigma.Count == 0 ? [] : [.. first.Sigma.Select(s => new SigmaLine(s.Layer, s.Mean, s.Min, s.Max))],
        };
    }
}
