using Dipnet.Protos;

namespace Dipnet.Cli.Output;

/// <summary>Two runs of one job side by side: with and without projections.</summary>
internal static class ComparisonTable
{
    public static void Write(Screen screen, JobSnapshot with, JobSnapshot without, JobSpec spec)
    {
        if (screen.Quiet)
        {
            return;
        }

        var table = ResultTable.New(screen, "", "DIPNet", "none", "difference");
        foreach (var row in Rows(with, without, spec))
        {
            ResultTable.Row(table, row);
        }

        screen.Console.Write(table);
        screen.Say($"sha256 DIPNet {with.WeightsSha256}");
        screen.Say($"sha256 none   {without.WeightsSha256}");
    }

    internal static IEnumerable<string[]> Rows(JobSnapshot with, JobSnapshot without, JobSpec spec)
    {
        foreach (var (name, key, percent) in ResultTable.Metrics(spec))
        {
            if (with.Metrics.TryGetValue(key, out var left) && without.Metrics.TryGetValue(key, out var right))
            {
                yield return percent
                    ? [name, Figures.Percent(left), Figures.Percent(right), Figures.Points(left - right)]
                    : [name, Figures.Number(left), Figures.Number(right), Figures.Number(left - right)];
            }
        }

        yield return [with.ThroughputUnit, Figures.Number(with.SamplesPerSecond), Figures.Number(without.SamplesPerSecond), Ratio(with.SamplesPerSecond, without.SamplesPerSecond)];
        yield return ["time", Figures.Time(with.SecondsTotal), Figures.Time(without.SecondsTotal), Ratio(with.SecondsTotal, without.SecondsTotal)];
    }

    private static string Ratio(double left, double right) => right > 0 ? $"× {Figures.Number(left / right)}" : "";
}
