using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Dipnet.Modules.Language;
using Dipnet.Protos;
using Dipnet.Worker.Hosting;
using Google.Protobuf;

namespace Dipnet.Worker.Planning;

/// <summary><c>plan</c>: reads a resolved job as JSON from standard input and writes its plan as JSON. <c>dipnet plan</c> is the command for people.</summary>
internal static class PlanCommand
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Command Create()
    {
        var tflops = new Option<double?>("--tflops") { Description = "Matrix products that a worker's device reaches, 10^12 operations a second." };
        var rate = new Option<double?>("--gib-per-second") { Description = "Bandwidth between workers, each way, GiB/s." };
        var command = new Command("plan", "Compute what a job needs: a resolved job as JSON on standard input, the plan as JSON on standard output.") { tflops, rate };
        command.SetAction(parse => Run(Console.In.ReadToEnd(), parse.GetValue(tflops), parse.GetValue(rate), Console.Out, Console.Error));
        return command;
    }

    internal static int Run(string job, double? tflops, double? gibPerSecond, TextWriter output, TextWriter error)
    {
        try
        {
            var spec = JobSpec.Parser.ParseJson(job);
            Throughput[] devices = tflops is { } given
                ? [new Throughput("as stated", FormattableString.Invariant($"{given:0.###} TFLOP/s"), given)]
                : [.. Throughput.OfKnown(spec.Precision == "bf16")];
            output.WriteLine(JsonSerializer.Serialize(Planner.Plan(spec, devices, gibPerSecond), Json));
            return ExitCode.Completed;
        }
        catch (Exception e) when (e is ArgumentException or ModelFormatException or InvalidJsonException or InvalidProtocolBufferException)
        {
            error.WriteLine(e.Message);
            return ExitCode.Configuration;
        }
    }
}
