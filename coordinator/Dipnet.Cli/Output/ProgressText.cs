using Dipnet.Protos;

namespace Dipnet.Cli.Output;

/// <summary>Where a job is, in one line that leaves room within 80 columns; the job is named elsewhere. Pure.</summary>
internal static class ProgressText
{
    public static string Of(JobSnapshot job)
    {
        var alive = job.Workers.Count(worker => worker.Alive);
        if (job.Status is not "running")
        {
            // Why a job failed is an error, and told as one.
            return job.Status is "failed" || job.Reason.Length == 0 ? job.Status : $"{job.Status}: {FirstLine(job.Reason)}";
        }

        if (job.TotalSteps > 0 && job.CommittedSteps >= job.TotalSteps)
        {
            return $"step {job.CommittedSteps}/{job.TotalSteps}  evaluating";
        }

        var figures = job.SamplesPerSecond > 0
            ? $"loss {Figures.Number(job.Loss)}  {Figures.Number(job.SamplesPerSecond)} {job.ThroughputUnit}  ETA {Figures.Time(job.EtaSeconds)}  "
            : "";
        return $"step {job.CommittedSteps}/{job.TotalSteps}  {figures}{alive} {(alive == 1 ? "worker" : "workers")}";
    }

    /// <summary>The first line of a reason of several.</summary>
    public static string FirstLine(string text)
    {
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? text : text[..end];
    }
}
