using Dipnet.Protos;

namespace Dipnet.Cli.Output;

/// <summary>Jobs as a list, and one job with its workers and newest events.</summary>
internal static class JobTable
{
    private const int EventsShown = 10;

    public static void WriteList(Screen screen, IEnumerable<JobSnapshot> jobs)
    {
        var table = ResultTable.New(screen, "job", "status", "step", "loss", "workers", "ETA");
        foreach (var job in jobs)
        {
            ResultTable.Row(table, job.JobId, job.Status, $"{job.CommittedSteps}/{job.TotalSteps}", Figures.Number(job.Loss),
                $"{job.Workers.Count(worker => worker.Alive)}", job.Status == "running" ? Figures.Time(job.EtaSeconds) : "");
        }

        screen.Console.Write(table);
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
                ResultTable.Row(table, $"{worker.Rank}", worker.WorkerId, worker.Host, worker.Device, worker.Alive ? Name(worker.Phase) : "lost",
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
