namespace Dipnet.Coordinator.Metrics;

/// <summary>The series that a step adds a point to.</summary>
internal static class StepSeries
{
    public static readonly string[] Phases = ["step", "data", "compute", "exchangeHidden", "exchangeExposed", "optimizer", "checkpoint"];

    private static readonly string[] PhaseSeries = [.. Phases.Select(p => $"seconds/{p}")];

    public static IEnumerable<(string Name, double Value)> Of(StepLine line)
    {
        yield return ("loss", line.Loss);
        yield return ("nll", line.Nll);
        yield return ("penalty", line.Penalty);
        yield return ("stability", line.Stability);
        yield return ("learningRate", line.LearningRate);
        yield return ("gradNorm/weights", line.WeightsNorm);
        yield return ("gradNorm/projections", line.ProjectionsNorm);
        yield return ("samplesPerSecond", line.SamplesPerSecond);
        for (var i = 0; i < Phases.Length; i++)
        {
            yield return (PhaseSeries[i], line.Seconds[i]);
        }

        foreach (var sigma in line.Sigma)
        {
            yield return ($"sigma/{sigma.Layer}", sigma.Mean);
        }
    }
}
