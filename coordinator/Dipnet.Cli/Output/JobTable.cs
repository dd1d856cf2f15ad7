using Dipnet.Cli.Connections;
using Dipnet.Protos;

namespace Dipnet.Cli.Output;

/// <summary>Jobs as a list, and one job with its workers and newest events.</summary>
internal static class JobTable
{
    private const int EventsShown = 10;

    /// <summary>A line a job, its id first and whole, so that it can be copied and cut.</summary>
    public static void WriteList(Screen screen, IReadOnlyCollection<JobSnapshot> jobs)
    {
        if (jobs.Count == 0)
        {
            screen.Say("no job yet; `dipnet submit job.yaml` hands one over");
            return;
        }

        var width = jobs.Select(job => job.JobId.Length).Append(3).Max();
        screen.Say($"{"JOB".PadRight(width)}  {"STATUS",-9}  {"STEP",11}  {"LOSS",6}  WORKERS");
        foreach (var job in jobs)
        {
            screen.Say($"{job.JobId.PadRight(width)}  {job.Status,-9}  {$"{job.CommittedSteps}/{job.TotalSteps}",11}  {Figures.Number(job.Loss),6}  {job.Workers.Count(worker => worker.Alive || JobState.IsFinal(job)),7}");
        }
    }

    public static void WriteOne(Screen screen, JobSnapshot job)
    {
        screen.Say($"{job.JobId}  {ProgressText.Of(job)}");
        screen.Say($"generation {job.Generation}, run folder {job.RunFolder}");
        if (job.Workers.Count > 0)
        {
            var table = ResultTable.New(screen, "rank", "worker", "host", "device", "phase", "step", "s/step");
            foreach (var worker in job.Workers)
            {
                ResultTable.Row(table, $"{worker.Rank}", worker.WorkerId, worker.Host, worker.Device, JobState.IsFinal(job) ? "ended" : worker.Alive ? Name(worker.Phase) : "lost",
                    $"{worker.CommittedSteps}", Figures.Number(worker.StepSeconds));
            }

            screen.Console.Write(table);
        }

        foreach (var entry in job.Events.TakeLast(EventsShown))
        {
            screen.Say($"{DateTimeOffset.FromUnixTimeMilliseconds(entry.UnixMs).ToLocalTime():HH:mm:ss}  {entry.Kind,-10}  {entry.Text}");
        }
    }

    private static string Name(Phase phase) => phase switch
    {
        Phase.CatchingUp => "catching up",
        Phase.WaitingForPlan => "waiting",
        _ => phase.ToString().ToLowerInvariant(),
    };
}
