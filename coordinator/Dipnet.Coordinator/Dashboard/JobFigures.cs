using Dipnet.Protos;

namespace Dipnet.Coordinator.Dashboard;

/// <summary>What the pages derive from a snapshot.</summary>
internal static class JobFigures
{
    private static readonly (string Key, string Name)[] ResultNames =
    [
        ("eval/accuracy", "Accuracy, clean"),
        ("eval/noiseAccuracy", "Accuracy under noise"),
        ("eval/pgdAccuracy", "Accuracy under PGD"),
        ("eval/typoAccuracy", "Accuracy under typing errors"),
        ("eval/nll", "Held-out NLL"),
        ("eval/perplexity", "Held-out perplexity"),
        ("train/loss", "Training loss"),
    ];

    public static bool HasEnded(this JobSnapshot job) => job.Status is "completed" or "failed" or "cancelled";

    /// <summary>Committed share of the steps, in [0, 1].</summary>
    public static double Progress(this JobSnapshot job) => job.TotalSteps == 0 ? 0 : Math.Min(1, (double)job.CommittedSteps / job.TotalSteps);

    /// <summary>All steps are done; the result is being measured.</summary>
    public static bool IsEvaluating(this JobSnapshot job) => job.Status == "running" && job.TotalSteps > 0 && job.CommittedSteps >= job.TotalSteps;

    public static int AliveWorkers(this JobSnapshot job) => job.Workers.Count(worker => worker.Alive);

    /// <summary>Seconds from the start (else the submission) to the end or <paramref name="now"/>.</summary>
    public static double Elapsed(this JobSnapshot job, DateTimeOffset now)
    {
        var begin = job.StartedUnixMs != 0 ? job.StartedUnixMs : job.SubmittedUnixMs;
        var end = job.EndedUnixMs != 0 ? job.EndedUnixMs : now.ToUnixTimeMilliseconds();
        return begin == 0 ? double.NaN : Math.Max(0, end - begin) / 1000.0;
    }

    /// <summary>Time left, for a job that runs and has an estimate.</summary>
    public static string TimeLeft(this JobSnapshot job) =>
        job.Status == "running" && job.EtaSeconds > 0 ? Format.Duration(job.EtaSeconds) : Format.Unknown;

    /// <summary>A coordinator has no loss before the first step, nor of steps that were made before it was started itself.</summary>
    public static bool HasLoss(this JobSnapshot job) => job.CommittedSteps > 0 && (job.Loss != 0 || job.Nll != 0);

    public static string LossText(this JobSnapshot job) => job.HasLoss() ? Format.Number(job.Loss) : Format.Unknown;

    public static string NllText(this JobSnapshot job) => job.HasLoss() ? Format.Number(job.Nll) : Format.Unknown;

    /// <summary>With its unit; unknown before the first step.</summary>
    public static string ThroughputText(this JobSnapshot job) =>
        Format.Rate(job.SamplesPerSecond) is var rate && rate == Format.Unknown ? rate : $"{rate} {job.ThroughputUnit}";

    /// <summary>Whether the worker has left a job that still needs it; after the end all of them leave.</summary>
    public static bool IsLost(this JobSnapshot job, WorkerSnapshot worker) => !worker.Alive && !job.HasEnded();

    public static string DisplayName(this JobSnapshot job) => job.Name.Length > 0 ? job.Name : job.JobId;

    /// <summary>The four digits that end the id: they tell runs of one name apart.</summary>
    public static string Mark(this JobSnapshot job) => job.JobId.Length > 4 ? job.JobId[^4..] : job.JobId;

    public static string PhaseName(Phase phase) => phase switch
    {
        Phase.Idle => "idle",
        Phase.Preparing => "preparing",
        Phase.CatchingUp => "catching up",
        Phase.Compute => "compute",
        Phase.Exchange => "exchange",
        Phase.Optimizer => "optimizer",
        Phase.Checkpoint => "checkpoint",
        Phase.Evaluation => "evaluation",
        Phase.WaitingForPlan => "waiting for plan",
        _ => Format.Unknown,
    };

    /// <summary>A result metric as people read it: shares as percent.</summary>
    public static string MetricText(string name, double value) =>
        name.Contains("accuracy", StringComparison.OrdinalIgnoreCase) ? Format.Percent(value) : Format.Number(value);

    /// <summary>eval/pgdAccuracy → Accuracy under PGD.</summary>
    public static string MetricName(string name) => ResultNames.FirstOrDefault(metric => metric.Key == name).Name ?? name;

    /// <summary>Keys of result metrics in the order of interest; others follow by name.</summary>
    public static IEnumerable<string> MetricOrder(IEnumerable<string> names) => names
        .OrderBy(name => Array.FindIndex(ResultNames, metric => metric.Key == name) is >= 0 and var place ? place : int.MaxValue)
        .ThenBy(name => name, StringComparer.Ordinal);

    public static string JobAddress(string jobId) => "jobs/" + Uri.EscapeDataString(jobId);
}
