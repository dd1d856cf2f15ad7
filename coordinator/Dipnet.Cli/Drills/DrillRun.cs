using Dipnet.Cli.Devices;
using Dipnet.Cli.Output;
using Dipnet.Protos;

namespace Dipnet.Cli.Drills;

/// <summary>Trains one job undisturbed and disturbed.</summary>
internal static class DrillRun
{
    public static async Task<DrillOutcome> RunAsync(Screen screen, string runDirectory, DevicePlan devices, JobSpec job, IReadOnlyList<PlannedFault> faults, CancellationToken cancellation)
    {
        await using var cluster = await DrillCluster.StartAsync(screen, runDirectory, devices, TimeProvider.System, cancellation);
        screen.Say("undisturbed");
        var undisturbed = await cluster.TrainAsync(job, cancellation);
        screen.Say($"disturbed by {string.Join(", ", faults)}");
        var (disturbed, outcomes) = await cluster.TrainAsync(job, faults, cancellation);
        if (disturbed.Status != "completed")
        {
            screen.Error($"the disturbed run {disturbed.Status}: {disturbed.Reason}");
        }

        return new DrillOutcome(undisturbed, disturbed, outcomes);
    }
}
