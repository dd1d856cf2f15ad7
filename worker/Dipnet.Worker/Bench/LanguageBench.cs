using System.CommandLine;
using System.Globalization;
using Dipnet.Protos;
using Dipnet.Worker.Hosting;
using static TorchSharp.torch;

namespace Dipnet.Worker.Bench;

/// <summary>
/// <c>bench language</c>: the training loop on a Llama of bytes without projections and full rows of random text, so that it can be put beside any data-parallel
/// trainer. Heads of 64, SwiGLU of 8/3 of the width up to a multiple of 64, head tied to the embedding.
/// </summary>
internal static class LanguageBench
{
    private const int Head = 64;
    private const int StepsOfData = 4;

    public static System.CommandLine.Command Create()
    {
        var width = new Option<int>("--width") { Description = "Width of the model, a multiple of 64.", DefaultValueFactory = _ => 256 };
        var depth = new Option<int>("--depth") { Description = "Blocks.", DefaultValueFactory = _ => 6 };
        var kvHeads = new Option<int>("--kv-heads") { Description = "Heads of keys and values.", DefaultValueFactory = _ => 2 };
        var length = new Option<int>("--length") { Description = "Tokens of a row.", DefaultValueFactory = _ => 256 };
        var batch = new Option<int>("--batch") { Description = "Rows a worker and step.", DefaultValueFactory = _ => 4 };
        var workers = new Option<int>("--workers") { Description = "Worker processes with a thread each; a power of two.", DefaultValueFactory = _ => 2 };
        var steps = new Option<int>("--steps") { Description = "Steps that count.", DefaultValueFactory = _ => 12 };
        var microbatches = BenchDevice.MicrobatchesOption();
        var device = BenchDevice.DeviceOption();
        var precision = BenchDevice.PrecisionOption();
        var json = new Option<bool>("--json") { Description = "One JSON line." };
        var command = new System.CommandLine.Command("language", "Tokens a second of the training loop.")
        {
            width, depth, kvHeads, length, batch, microbatches, workers, device, precision, steps, json,
        };
        StepBench.Require(width, value => value is >= Head and <= 4096 && value % Head == 0, "a multiple of 64, 64 … 4096");
        StepBench.Require(workers, value => value is 1 or 2 or 4 or 8, "1, 2, 4 or 8");
        foreach (var option in new[] { depth, kvHeads, length, batch, steps })
        {
            StepBench.Require(option, value => value is >= 1 and <= 10_000, "1 … 10000");
        }

        command.Validators.Add(result =>
        {
            BenchDevice.RequireDivides(result, microbatches, batch);
            if (StepBench.Value(result, width) / Head is > 0 and var heads && StepBench.Value(result, kvHeads) is > 0 and var keys && heads % keys != 0)
            {
                result.AddError($"--kv-heads is {keys}: it must divide the {heads} heads.");
            }
        });
        command.SetAction(parse => BenchDevice.On(parse.GetValue(device)!, place =>
        {
            var folder = Directory.CreateTempSubdirectory("dipnet-bench-");
            try
            {
                var job = Job(
                    parse.GetValue(width), parse.GetValue(depth), parse.GetValue(kvHeads), parse.GetValue(length), parse.GetValue(batch), parse.GetValue(workers),
                    parse.GetValue(microbatches), Path.Combine(folder.FullName, "text.txt"));
                job.Precision = parse.GetValue(precision)!;
                Case(job, place, StepBench.Measure(job, place, parse.GetValue(steps))).Print(parse.GetValue(json));
                return ExitCode.Completed;
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }));
        return command;
    }

    private static JobSpec Job(int width, int depth, int kvHeads, int length, int batch, int workers, int microbatches, string text)
    {
        WriteText(text, length * batch * workers * StepsOfData);
        var job = BenchJobs.Vit(width, depth, batch, workers, microbatches);
        job.Model = new ModelSpec
        {
            Kind = "llama",
            Depth = (uint)depth,
            Dim = (uint)width,
            Heads = (uint)(width / Head),
            KvHeads = (uint)kvHeads,
            HiddenDim = (uint)((8 * width / 3 + Head - 1) / Head * Head),
            Context = (uint)length,
        };
        job.Data = new DataSpec { Name = "text", Path = text, EvalPath = text };
        return job;
    }

    // Letters and line ends, always the same: one document, so that rows are full and need no mask but the causal one.
    private static void WriteText(string path, int bytes)
    {
        var random = new Random(1);
        File.WriteAllText(path, string.Create(bytes, random, static (letters, random) =>
        {
            for (var i = 0; i < letters.Length; i++)
            {
                letters[i] = i % 80 == 79 ? '\n' : (char)random.Next('a', 'z' + 1);
            }
        }));
    }

    private static BenchCase Case(JobSpec job, Device device, StepReport[] steps)
    {
        var milliseconds = StepBench.Median(steps, s => s.Step);
        var name = string.Create(CultureInfo.InvariantCulture,
            $"language width {job.Model.Dim} depth {job.Model.Depth} length {job.Model.Context} batch {job.GlobalBatch / job.Workers.Count} workers {job.Workers.Count}{StepBench.Suffix(job, device)}");
        return new BenchCase(name, milliseconds, TokensPerSecond: job.GlobalBatch * job.Model.Context * 1000 / milliseconds, Note: StepBench.Phases(steps));
    }
}
