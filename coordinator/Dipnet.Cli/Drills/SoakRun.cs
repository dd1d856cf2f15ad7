using Dipnet.Cli.Devices;
using Dipnet.Cli.Hosting;
using Dipnet.Cli.Output;
using Dipnet.Protos;

namespace Dipnet.Cli.Drills;

/// <summary>
/// Trains one job again and again, each time under faults drawn from a seed, until the time is up. All rounds share one coordinator; a round that passed leaves
/// nothing on the disk, one that failed leaves its run folder and says how to repeat it.
/// </summary>
internal sealed class SoakRun(Screen screen, string runDirectory, DevicePlan devices, TimeProvider time)
{
    /// <summary>A worker process that is started comes into a job within this time, in seconds of undisturbed steps.</summary>
    private const double JoinSeconds = 15;

    /// <summary>A round may take this, and eight times the undisturbed run.</summary>
    private static readonly TimeSpan RoundAllowance = TimeSpan.FromMinutes(4);
    private const double UndisturbedRuns = 8;

    /// <param name="job">What is trained; its number of workers is each round's own.</param>
    /// <param name="seed">Draws the rounds: the same seed gives the same ones.</param>
    /// <param name="duration">A round that began is ended.</param>
    /// <param name="cancellation">Ends it at once.</param>
    public async Task<SoakOutcome> RunAsync(JobSpec job, int seed, TimeSpan duration, CancellationToken cancellation)
    {
        var begun = time.GetTimestamp();
        var rounds = new List<SoakRound>();
        await using var cluster = await DrillCluster.StartAsync(screen, runDirectory, devices, time, cancellation);
        var undisturbed = await cluster.TrainAsync(With(job, 1), cancellation);
        var stepsOfAJoin = (ulong)Math.Ceiling(JoinSeconds * job.Steps / Math.Max(0.001, undisturbed.SecondsTotal));
        var lastJoin = job.Steps > stepsOfAJoin ? job.Steps - stepsOfAJoin : 0;
        while (rounds.Count == 0 || time.GetElapsedTime(begun) < duration)
        {
            var random = new Random(HashCode(seed, rounds.Count));
            var disturbed = With(job, (uint)random.Next(2, 5));
            var round = await RoundAsync(cluster, rounds.Count, disturbed, FaultSchedule.Draw(random, disturbed, lastJoin), undisturbed, cancellation);
            rounds.Add(round);
            if (round.Failure is { } failure)
            {
                screen.Error($"round {round.Number} failed: {failure}\n  {round.Command}\n  {round.RunFolder}");
            }
            else
            {
                screen.Say($"round {round.Number} passed: {round.Command}");
                Directory.Delete(round.RunFolder, recursive: true);
            }
        }

        return new SoakOutcome(undisturbed.WeightsSha256, seed, time.GetElapsedTime(begun), rounds);
    }

    private static async Task<SoakRound> RoundAsync(
        DrillCluster cluster, int number, JobSpec job, IReadOnlyList<PlannedFault> faults, JobSnapshot undisturbed, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var longest = RoundAllowance + TimeSpan.FromSeconds(UndisturbedRuns * undisturbed.SecondsTotal);
        limit.CancelAfter(longest);
        try
        {
            var (final, outcomes) = await cluster.TrainAsync(job, faults, limit.Token);
            var missed = outcomes.Where(outcome => !outcome.Happened).ToList();
            var failure = final.Status != "completed" ? $"it {final.Status}: {final.Reason}"
                : final.WeightsSha256 != undisturbed.WeightsSha256 ? $"it ended with weights {final.WeightsSha256}, undisturbed {undisturbed.WeightsSha256}"
                : missed.Count > 0 ? $"{string.Join(", ", missed.Select(outcome => outcome.Fault))} did not happen"
                : null;
            return new SoakRound(number, job.Workers.Count, faults, final.RunFolder, final.RepeatedBytes + final.StateBytes, failure);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new SoakRound(number, job.Workers.Count, faults, await cluster.CancelAsync(CancellationToken.None), 0, $"it did not end within {longest.TotalMinutes:F0} minutes");
        }
        catch (CommandException exception)
        {
            return new SoakRound(number, job.Workers.Count, faults, await cluster.CancelAsync(CancellationToken.None), 0, exception.Message);
        }
    }

    private static JobSpec With(JobSpec job, uint workers)
    {
        var copy = job.Clone();
        copy.Workers.Count = workers;
        copy.Workers.Minimum = 1;
        return copy;
    }

    // System.HashCode is another in every process.
    private static int HashCode(int seed, int round) => unchecked((seed * 486187739 + round) * 16777619) & int.MaxValue;
}
