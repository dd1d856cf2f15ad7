using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Dipnet.Cli.Hosting;
using Dipnet.Cli.Output;
using Google.Protobuf;

namespace Dipnet.Cli.Commands;

/// <summary><c>dipnet plan job.yaml</c>: what a job will need, computed by the worker program without training.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var options = new JobOptions();
        var file = new Argument<string?>("job.yaml") { Description = "Job file; without one the embedded job on digits.", Arity = ArgumentArity.ZeroOrOne };
        file.Validators.Add(JobOptions.RefuseFlag);
        var json = new Option<bool>("--json") { Description = "Write the plan as JSON." };
        var tflops = new Option<double?>("--tflops") { Description = "Matrix products that a device reaches, 10^12 operations a second; default: some GPUs at 40 % of their peak.", HelpName = "X" };
        var rate = new Option<double?>("--gib-per-second") { Description = "Bandwidth between workers, each way.", HelpName = "X" };
        foreach (var option in new[] { tflops, rate })
        {
            option.Validators.Add(result =>
            {
                if (result.Tokens.Count == 1 && !(double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value > 0 && double.IsFinite(value)))
                {
                    result.AddError($"{option.Name} {result.Tokens[0].Value}: must be a number above 0");
                }
            });
        }

        var command = new Command("plan", "Compute a job's parameters, memory, bytes and time a step without training.")
        {
            file, options.Workers, options.Sets, options.Seed, json, tflops, rate,
        };
        command.SetAction((parse, cancel) => RunAsync(
            options.Source(parse, parse.GetValue(file)), parse.GetValue(json), parse.GetValue(tflops), parse.GetValue(rate), cancel));
        return command;
    }

    private static async Task<int> RunAsync(JobSource source, bool json, double? tflops, double? rate, CancellationToken cancel)
    {
        var job = source.Load().Job;
        var plan = await ComputeAsync(JsonFormatter.Default.Format(job), tflops, rate, cancel);
        var screen = Screen.OfThisProcess(quiet: false);
        if (json)
        {
            Console.Out.Write(plan);
        }
        else
        {
            using var document = JsonDocument.Parse(plan);
            PlanTable.Write(screen, document.RootElement);
        }

        return ExitCode.Completed;
    }

    private static async Task<string> ComputeAsync(string job, double? tflops, double? rate, CancellationToken cancel)
    {
        List<string> arguments = ["plan"];
        Add("--tflops", tflops);
        Add("--gib-per-second", rate);
        using var process = Process.Start(WorkerProgram.Start(arguments, threads: 0))
            ?? throw new CommandException(ExitCode.Missing, "the worker program could not be started");
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        await process.StandardInput.WriteAsync(job.AsMemory(), cancel);
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancel);
        return process.ExitCode == 0 ? await output : throw new CommandException(process.ExitCode, (await errors).TrimEnd());

        void Add(string flag, double? value)
        {
            if (value is { } number)
            {
                arguments.AddRange([flag, number.ToString("R", CultureInfo.InvariantCulture)]);
            }
        }
    }
}
