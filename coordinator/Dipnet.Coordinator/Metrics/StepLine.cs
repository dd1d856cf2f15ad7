namespace Dipnet.Coordinator.Metrics;

/// <summary>One step of a job over all its workers: a line of metrics.jsonl.</summary>
[GenerateSerializer, Immutable]
internal sealed record StepLine
{
    [Id(0)] public ulong Step { get; init; }
    [Id(1)] public double Loss { get; init; }
    [Id(2)] public double Nll { get; init; }
    [Id(3)] public double Penalty { get; init; }
    [Id(4)] public double Stability { get; init; }
    [Id(5)] public double LearningRate { get; init; }
    [Id(6)] public double WeightsNorm { get; init; }
    [Id(7)] public double ProjectionsNorm { get; init; }
    [Id(8)] public double SamplesPerSecond { get; init; }

    /// <summary>In the order of <see cref="StepSeries.Phases"/>: the longest step, means of the phases.</summary>
    [Id(9)] public double[] Seconds { get; init; } = new double[StepSeries.Phases.Length];

    [Id(10)] public int Workers { get; init; }
    [Id(11)] public ulong Generation { get; init; }
    [Id(12)] public DateTimeOffset Time { get; init; }
    [Id(13)] public SigmaLine[] Sigma { get; init; } = [];

    /// <summary>Bytes of the weights group that the workers received, added up; the next is of the projections.</summary>
    [Id(14)] public ulong WeightsBytes { get; init; }
    [Id(15)] public ulong ProjectionsBytes { get; init; }

    /// <summary>A worker died with its report of the step: the means are over the microbatches of the others.</summary>
    [Id(16)] public bool Partial { get; init; }
}
