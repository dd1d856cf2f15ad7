using System.CommandLine;
using Dipnet.Cli.Connections;
using Dipnet.Cli.Hosting;
using Dipnet.Cli.Output;
using Dipnet.Protos;

namespace Dipnet.Cli.Commands;

/// <summary>The commands that talk to a coordinator about jobs: submit, jobs, status, scale, cancel.</summary>
internal static class JobCommands
{
    public static IEnumerable<Command> All() => [Submit(), List(), Status(), Scale(), Cancel()];

    private static Command Submit()
    {
        var options = new JobOptions();
        var file = new Argument<string>("job.yaml") { Description = "Job file." };
        var wait = new Option<bool>("--wait") { Description = "Stay until the job has ended and show its result." };
        var coordinator = CoordinatorOption.Create();
        var command = new Command("submit", "Hand a job to a coordinator.") { file, options.Workers, options.Sets, options.Seed, options.RunDirectory, options.Quiet, wait, coordinator };
        command.SetAction(async (parse, _) =>
        {
            var screen = Screen.OfThisProcess(parse.GetValue(options.Quiet));
            var job = options.Source(parse, parse.GetRequiredValue(file)).Load().Job;
            using var interruption = new Interruption();
            using var client = Client(parse, coordinator);
            var directory = parse.GetValue(options.RunDirectory);
            var request = new SubmitRequest { Job = job, RunDirectory = directory is null ? "" : Path.GetFullPath(directory) };
            var reply = await client.SubmitAsync(request, interruption.Token);
            screen.Say($"{reply.JobId}  {reply.RunFolder}");
            if (!parse.GetValue(wait))
            {
                return ExitCode.Completed;
            }

            var final = await new ProgressView(screen, TimeProvider.System).ShowAsync(client.WatchAsync(reply.JobId, interruption.Token));
            if (final.Status == "completed")
            {
                ResultTable.Write(screen, final, job);
            }
            else
            {
                screen.Error($"{final.JobId} {final.Status}: {final.Reason}");
            }

            return ExitCode.Of(final);
        });
        return command;
    }

    private static Command List()
    {
        var coordinator = CoordinatorOption.Create();
        var limit = new Option<uint>("--limit") { Description = "At most this many, newest first.", DefaultValueFactory = _ => 20 };
        var command = new Command("jobs", "List a coordinator's jobs.") { coordinator, limit };
        command.SetAction(async (parse, cancellation) =>
        {
            using var client = Client(parse, coordinator);
            var reply = await client.ListAsync(parse.GetValue(limit), cancellation);
            JobTable.WriteList(Screen.OfThisProcess(quiet: false), reply.Jobs);
            return ExitCode.Completed;
        });
        return command;
    }

    private static Command Status() => OnJob("status", "Show a job with its workers and newest events.", [],
        (client, job, _, cancellation) => client.GetAsync(job, cancellation));

    private static Command Cancel() => OnJob("cancel", "End a job.", [],
        (client, job, _, cancellation) => client.CancelAsync(job, cancellation));

    private static Command Scale()
    {
        var workers = new Argument<uint>("N") { Description = "Workers that the job is to have from the next step on." };
        return OnJob("scale", "Change the number of a job's workers while it runs.", [workers],
            (client, job, parse, cancellation) => client.ScaleAsync(job, parse.GetValue(workers), cancellation));
    }

    private static Command OnJob(string name, string description, Argument[] arguments, Func<JobClient, string, ParseResult, CancellationToken, Task<JobSnapshot>> call)
    {
        var job = new Argument<string>("job") { Description = "The job's id." };
        var coordinator = CoordinatorOption.Create();
        var command = new Command(name, description) { job, coordinator };
        foreach (var argument in arguments)
        {
            command.Add(argument);
        }

        command.SetAction(async (parse, cancellation) =>
        {
            using var client = Client(parse, coordinator);
            JobTable.WriteOne(Screen.OfThisProcess(quiet: false), await call(client, parse.GetRequiredValue(job), parse, cancellation));
            return ExitCode.Completed;
        });
        return command;
    }

    private static JobClient Client(ParseResult parse, Option<string> coordinator) =>
        new(CoordinatorOption.Parse(parse.GetRequiredValue(coordinator)), TimeProvider.System);
}
