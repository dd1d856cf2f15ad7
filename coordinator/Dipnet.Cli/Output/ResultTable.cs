using Dipnet.Protos;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Dipnet.Cli.Output;

/// <summary>What a finished job came to, within 80 columns.</summary>
internal static class ResultTable
{
    public static void Write(Screen screen, JobSnapshot job, JobSpec spec)
    {
        if (screen.Quiet)
        {
            return;
        }

        var table = New(screen, "result", "");
        foreach (var (name, value) in Rows(job, spec))
        {
            Row(table, name, value);
        }

        screen.Console.Write(table);
        if (job.Sigma.Count > 0)
        {
            var sigma = New(screen, "layer", "σ mean", "min", "max");
            foreach (var layer in job.Sigma)
            {
                Row(sigma, layer.Layer, Figures.Number(layer.Mean), Figures.Number(layer.Min), Figures.Number(layer.Max));
            }

            screen.Console.Write(sigma);
        }

        screen.Say($"weightsSha256 {job.WeightsSha256}");
        screen.Say($"run folder    {job.RunFolder}");
    }

    /// <summary>Name and value of every figure that the job has.</summary>
    internal static IEnumerable<(string Name, string Value)> Rows(JobSnapshot job, JobSpec spec)
    {
        yield return ("job", job.JobId);
        yield return ("steps", $"{job.CommittedSteps}");
        yield return ("workers", $"{job.Workers.Count(worker => worker.Alive)}");
        yield return ("time", Figures.Time(job.SecondsTotal));
        yield return (job.ThroughputUnit, Figures.Number(job.SamplesPerSecond));
        foreach (var (name, key, percent) in Metrics(spec))
        {
            if (job.Metrics.TryGetValue(key, out var value))
            {
                yield return (name, percent ? Figures.Percent(value) : Figures.Number(value));
            }
        }

        yield return ("transport", $"{job.Transport}, {spec.Exchange.Wire}");
        yield return ("exchanged weights", Figures.Bytes(job.WeightsBytes));
        yield return ("exchanged projections", Figures.Bytes(job.ProjectionsBytes));
    }

    /// <summary>The metrics with the names a reader knows them by, in the order of interest.</summary>
    internal static IEnumerable<(string Name, string Key, bool Percent)> Metrics(JobSpec spec) =>
    [
        ("training loss", "train/loss", false),
        ("accuracy, clean", "eval/accuracy", true),
        ($"accuracy, noise σ = {Figures.Setting(spec.Eval.NoiseSigma)}", "eval/noiseAccuracy", true),
        ($"accuracy, PGD ε = {Figures.Setting(spec.Eval.AttackEpsilon)}", "eval/pgdAccuracy", true),
        ($"accuracy, {Figures.Percent(spec.Eval.TypoRate)} typos", "eval/typoAccuracy", true),
        ("held-out NLL", "eval/nll", false),
        ("held-out perplexity", "eval/perplexity", false),
    ];

    internal static Table New(Screen screen, params string[] columns)
    {
        var table = new Table { Border = screen.Live ? TableBorder.Rounded : TableBorder.Ascii };
        for (var i = 0; i < columns.Length; i++)
        {
            table.AddColumn(new TableColumn(Text(columns[i])) { Alignment = i == 0 || columns.Length == 2 ? Justify.Left : Justify.Right });
        }

        return table;
    }

    internal static void Row(Table table, params string[] cells) => table.AddRow(cells.Select(cell => (IRenderable)Text(cell)));

    private static Text Text(string text) => new(text) { Overflow = Overflow.Ellipsis };
}
