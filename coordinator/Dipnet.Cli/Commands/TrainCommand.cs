using System.CommandLine;
using Dipnet.Cli.Devices;
using Dipnet.Cli.Hosting;
using Dipnet.Cli.Output;
using Dipnet.Cli.Setup;
using Dipnet.Protos;

namespace Dipnet.Cli.Commands;

/// <summary><c>dipnet train</c> and <c>dipnet resume</c>: coordinator, workers and progress in one command.</summary>
internal static class TrainCommand
{
    public static Command Train()
    {
        var options = new JobOptions();
        var file = new Argument<string?>("job.yaml") { Description = "Job file; without one the embedded job on digits.", Arity = ArgumentArity.ZeroOrOne };
        file.Validators.Add(JobOptions.RefuseFlag);
        var compare = new Option<bool>("--compare") { Description = "Train with and without projections and show both." };
        var noDashboard = new Option<bool>("--no-dashboard") { Description = "Serve no dashboard pages." };
        var command = new Command("train", "Train a job on worker processes of this machine.") { file, options.Workers, options.Sets, options.Seed, options.RunDirectory, options.Quiet, noDashboard, compare };
        command.SetAction((parse, _) => RunAsync(
            options.Source(parse, parse.GetValue(file)), options.RunDirectoryOf(parse), parse.GetValue(options.Quiet), !parse.GetValue(noDashboard), parse.GetValue(compare)));
        return command;
    }

    public static Command Resume()
    {
        var options = new JobOptions();
        var folder = new Argument<string>("run") { Description = "A run's folder, e.g. runs/vit-digits-1." };
        var noDashboard = new Option<bool>("--no-dashboard") { Description = "Serve no dashboard pages." };
        var command = new Command("resume", "Go on with a job from its newest checkpoint, on any number of workers.") { folder, options.Workers, options.Sets, options.RunDirectory, options.Quiet, noDashboard };
        command.SetAction((parse, _) =>
        {
            var run = Path.TrimEndingDirectorySeparator(Path.GetFullPath(parse.GetRequiredValue(folder)));
            var job = Path.Combine(run, "job.yaml");
            if (!File.Exists(job))
            {
                throw new CommandException(ExitCode.Configuration, $"{run} is not the folder of a run: it has no job.yaml");
            }

            var source = options.Source(parse, job);
            var runs = parse.GetValue(options.RunDirectory) ?? Path.GetDirectoryName(run)!;
            return RunAsync(source with { Sets = [.. source.Sets, $"resume-from={run}"] }, runs, parse.GetValue(options.Quiet), !parse.GetValue(noDashboard), compare: false);
        });
        return command;
    }

    private static async Task<int> RunAsync(JobSource source, string runDirectory, bool quiet, bool dashboard, bool compare)
    {
        var screen = Screen.OfThisProcess(quiet);
        var loaded = source.Load();
        var job = loaded.Job;
        WorkerProgram.Find(AppContext.BaseDirectory);
        using var interruption = new Interruption();
        await JobData.EnsureAsync(job, screen.Say, interruption.Token);
        var devices = await LocalDevices.PlaceAsync(loaded, screen, interruption.Token);
        await using var coordinator = await LocalCoordinator.StartAsync(runDirectory, dashboard, interruption.Token);
        if (dashboard)
        {
            screen.Say($"dashboard {coordinator.Dashboard}");
        }

        var run = new LocalRun(screen, coordinator.Control, runDirectory, devices, TimeProvider.System);
        if (compare)
        {
            return await CompareAsync(screen, run, job, interruption.Token);
        }

        var final = await run.RunAsync(job, interruption.Token);
        if (final.Status == "completed")
        {
            ResultTable.Write(screen, final, job);
        }
        else if (final.Status == "cancelled")
        {
            screen.Say($"{final.JobId} cancelled after step {final.CommittedSteps}; run folder {final.RunFolder}");
        }

        return ExitCode.Of(final);
    }

    private static async Task<int> CompareAsync(Screen screen, LocalRun run, JobSpec job, CancellationToken interrupted)
    {
        var finals = new List<JobSnapshot>();
        foreach (var enabled in new[] { true, false })
        {
            var variant = job.Clone();
            variant.Dipnet.Enabled = enabled;
            variant.Name = enabled ? job.Name : $"{job.Name[..Math.Min(job.Name.Length, 43)]}-none";
            var final = await run.RunAsync(variant, interrupted);
            if (final.Status != "completed")
            {
                return ExitCode.Of(final);
            }

            finals.Add(final);
            ResultTable.Write(screen, final, variant);
        }

        ComparisonTable.Write(screen, finals[0], finals[1], job);
        return ExitCode.Completed;
    }
}
