using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Dipnet.Worker.Devices;
using Dipnet.Worker.Hosting;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Bench;

/// <summary>What benchmarks of training say about where, how and in how many parts they compute.</summary>
internal static class BenchDevice
{
    public const string Cpu = "cpu";
    private const string Fp32 = "fp32";

    /// <summary>The words of a worker's <c>--device</c>. They are judged when the benchmark starts, since which GPUs there are is a matter of the host.</summary>
    public static Option<string> DeviceOption(string description = "auto, cpu, cuda or cuda:N, as of a worker; all workers share it.") =>
        new("--device") { Description = description, HelpName = "DEVICE", DefaultValueFactory = _ => Cpu };

    public static Option<string> PrecisionOption()
    {
        var precision = new Option<string>("--precision") { Description = "Of forward and backward.", DefaultValueFactory = _ => Fp32 };
        precision.AcceptOnlyFromAmong(Fp32, "bf16");
        return precision;
    }

    /// <summary>Leaves of a worker and step.</summary>
    public static Option<int> MicrobatchesOption()
    {
        var microbatches = new Option<int>("--microbatches") { Description = "Parts of a worker's batch, one after the other; a power of two.", DefaultValueFactory = _ => 1 };
        StepBench.Require(microbatches, value => value is 1 or 2 or 4 or 8 or 16 or 32 or 64, "a power of two, 1 … 64");
        return microbatches;
    }

    /// <summary>A batch has whole samples in each of its parts.</summary>
    public static void RequireDivides(CommandResult result, Option<int> microbatches, Option<int> batch)
    {
        if (StepBench.Value(result, microbatches) is > 0 and var parts && StepBench.Value(result, batch) is var samples && samples % parts != 0)
        {
            result.AddError($"--microbatches is {parts}: it must divide --batch, {samples}.");
        }
    }

    /// <summary>Runs a benchmark on the device that a text means. One that cannot be used, or a benchmark that fails, is a line on standard error.</summary>
    /// <returns>The exit code.</returns>
    public static int On(string text, Func<Device, int> run)
    {
        try
        {
            return run(WorkerDevice.Find(text));
        }
        catch (DeviceException e)
        {
            Console.Error.WriteLine(e.Message);
            return e.Code;
        }
        catch (BenchException e)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCode.Failed;
        }
    }

    /// <summary>The end of a case's name: what is not as usual.</summary>
    public static string Suffix(Device device, string precision, int microbatches = 1) =>
        (microbatches > 1 ? string.Create(CultureInfo.InvariantCulture, $" microbatches {microbatches}") : "")
        + (precision != Fp32 ? $" compute {precision}" : "")
        + (device.type != DeviceType.CPU ? $" on {device}" : "");
}
