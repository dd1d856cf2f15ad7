using Dipnet.Protos;
using Spectre.Console;

namespace Dipnet.Cli.Output;

/// <summary>Shows a job while it runs: one live line on a terminal, a line now and then elsewhere. Ends with the final snapshot.</summary>
internal sealed class ProgressView(Screen screen, TimeProvider time)
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    public async Task<JobSnapshot> ShowAsync(IAsyncEnumerable<JobSnapshot> snapshots)
    {
        if (!screen.Live)
        {
            return await LinesAsync(snapshots);
        }

        JobSnapshot? last = null;
        await screen.Console.Live(new Text("")).AutoClear(true).StartAsync(async context =>
        {
            await foreach (var job in snapshots)
            {
                last = job;
                context.UpdateTarget(new Text(Line(job)) { Overflow = Overflow.Ellipsis });
            }
        });
        return last ?? throw new InvalidOperationException("The watch ended without a snapshot.");
    }

    private static string Line(JobSnapshot job) => "  " + ProgressText.Of(job);

    private async Task<JobSnapshot> LinesAsync(IAsyncEnumerable<JobSnapshot> snapshots)
    {
        JobSnapshot? last = null;
        long? written = null;
        await foreach (var job in snapshots)
        {
            if (last?.Status != job.Status || written is null || time.GetElapsedTime(written.Value) >= BetweenLines)
            {
                screen.Say(Line(job));
                written = time.GetTimestamp();
            }

            last = job;
        }

        return last ?? throw new InvalidOperationException("The watch ended without a snapshot.");
    }
}
