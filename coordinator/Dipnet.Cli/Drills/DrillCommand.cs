using System.CommandLine;
using Dipnet.Cli.Commands;
using Dipnet.Cli.Devices;
using Dipnet.Cli.Hosting;
using Dipnet.Cli.Output;
using Dipnet.Cli.Setup;

namespace Dipnet.Cli.Drills;

/// <summary><c>dipnet drill</c>: proves on this machine that faults do not change the result.</summary>
internal static class DrillCommand
{
    private const string DefaultFaults = "kill:1@20,hang:0@35,join@50,coordinator@60,kill:2@checkpoint";

    public static Command Create()
    {
        var options = new JobOptions();
        var file = new Argument<string?>("job.yaml") { Description = "Job file; without one the embedded job on digits.", Arity = ArgumentArity.ZeroOrOne };
        file.Validators.Add(JobOptions.RefuseFlag);
        var faults = new Option<string>("--faults")
        {
            Description = "Comma-separated: kill:WORKER@STEP[:PHASE], kill:WORKER@PHASE, the same with hang, leave and flip, join@STEP, scale:WORKERS@STEP, coordinator@STEP.",
            DefaultValueFactory = _ => DefaultFaults,
        };
        var soak = new Option<double>("--soak") { Description = "Draw faults from --seed for this many minutes instead, round after round, on 2 to 4 workers.", HelpName = "MINUTES" };
        var json = new Option<bool>("--json") { Description = "Write one JSON object and nothing else." };
        var command = new Command("drill", "Train a job undisturbed and with real faults, and compare the weights.") { file, faults, soak, json, options.Workers, options.Sets, options.Seed, options.RunDirectory, options.Quiet };
        command.SetAction(async (parse, _) =>
        {
            var screen = Screen.OfThisProcess(parse.GetValue(options.Quiet) || parse.GetValue(json));
            var source = options.Source(parse, parse.GetValue(file));
            var loaded = (source with { Workers = source.Workers ?? "3" }).Load();
            var job = loaded.Job;
            var soaks = parse.GetResult(soak) is not null;
            var plan = soaks ? [] : FaultPlan.Read(parse.GetRequiredValue(faults), job);
            using var interruption = new Interruption();
            await JobData.EnsureAsync(job, screen.Say, interruption.Token);
            var devices = await LocalDevices.PlaceAsync(loaded, screen, interruption.Token);
            var runs = Path.Combine(options.RunDirectoryOf(parse), $"drill-{DateTime.UtcNow:yyyyMMdd-HHmmss}");
            if (soaks)
            {
                var result = await new SoakRun(screen, runs, devices, TimeProvider.System).RunAsync(job, (int)job.Seed, TimeSpan.FromMinutes(parse.GetValue(soak)), interruption.Token);
                if (parse.GetValue(json))
                {
                    Console.Out.WriteLine(result.Json());
                }
                else
                {
                    screen.Say(result.Text());
                }

                return result.Passed ? ExitCode.Completed : ExitCode.Failed;
            }

            var outcome = await DrillRun.RunAsync(screen, runs, devices, job, plan, interruption.Token);
            if (parse.GetValue(json))
            {
                Console.Out.WriteLine(DrillReport.Json(outcome));
            }
            else if (!screen.Quiet)
            {
                DrillReport.WriteTable(screen, outcome);
            }

            return outcome.Passed ? ExitCode.Completed : ExitCode.Failed;
        });
        return command;
    }
}
