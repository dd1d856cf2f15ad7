using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Dipnet.Modules;
using Dipnet.Protos;
using Dipnet.Worker.Hosting;
using Dipnet.Worker.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Bench;

/// <summary>
/// <c>bench dipnet</c>: what projections cost on a vision transformer (49 tokens, one thread), against the same network without them. Variants take turns, so
/// that what else the machine does meets all of them; peak memory is that of a process that runs the variant alone, on the CPU.
/// </summary>
internal static class DipnetBench
{
    private const int Draws = 8;
    private const int UsualWidth = 192, UsualDepth = 6, UsualBatch = 32;

    /// <summary>What every variant has in common.</summary>
    private sealed record Setting(int Width, int Depth, int Batch, string Precision, Device Device)
    {
        /// <summary>The end of a case's name: what is not as usual.</summary>
        public string Suffix => ((Width, Depth, Batch) == (UsualWidth, UsualDepth, UsualBatch) ? "" : $" width {Width} depth {Depth} batch {Batch}")
            + BenchDevice.Suffix(Device, Precision);
    }

    public static System.CommandLine.Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "Turns of every variant.", DefaultValueFactory = _ => 15 };
        var width = new Option<int>("--width") { Description = "Width of the transformer, a multiple of 64.", DefaultValueFactory = _ => UsualWidth };
        var depth = new Option<int>("--depth") { Description = "Blocks.", DefaultValueFactory = _ => UsualDepth };
        var batch = new Option<int>("--batch") { Description = "Samples.", DefaultValueFactory = _ => UsualBatch };
        var device = BenchDevice.DeviceOption("auto, cpu, cuda or cuda:N, as of a worker.");
        var precision = BenchDevice.PrecisionOption();
        var json = new Option<bool>("--json") { Description = "One JSON line a case." };
        var memory = new Option<string?>("--memory") { Description = "Run one variant alone and print its peak memory.", Hidden = true };
        var command = new System.CommandLine.Command("dipnet", "The method's cost in training and prediction.") { rounds, width, depth, batch, device, precision, json, memory };
        StepBench.Require(width, value => value is >= 64 and <= 4096 && value % 64 == 0, "a multiple of 64, 64 … 4096");
        StepBench.Require(depth, value => value is >= 1 and <= 1000, "1 … 1000");
        StepBench.Require(batch, value => value is >= 1 and <= BenchJobs.Samples, $"1 … {BenchJobs.Samples}");
        command.SetAction(parse => BenchDevice.On(parse.GetValue(device)!, place =>
        {
            var setting = new Setting(parse.GetValue(width), parse.GetValue(depth), parse.GetValue(batch), parse.GetValue(precision)!, place);
            return parse.GetValue(memory) is { } name ? PrintPeak(name, setting) : Run(Math.Max(1, parse.GetValue(rounds)), setting, parse.GetValue(json));
        }));
        return command;
    }

    private static int Run(int rounds, Setting setting, bool json)
    {
        torch.set_num_threads(1);
        var variants = Variants(setting);
        var times = variants.ToDictionary(v => v.Name, _ => new List<double>());
        for (var round = -1; round < rounds; round++)
        {
            // To and fro: what a variant leaves behind, and a machine that becomes slower, is not always the same one's burden.
            foreach (var variant in round % 2 == 0 ? variants : variants.Reverse())
            {
                var begin = Stopwatch.GetTimestamp();
                variant.Action();
                WaitFor(setting.Device);
                if (round >= 0)
                {
                    times[variant.Name].Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
                }
            }
        }

        foreach (var (name, peer, _) in variants)
        {
            // A ratio of neighbours in time, then the median: a slow minute of the machine is in both.
            var ratio = Median(times[name].Zip(times[peer], (mine, other) => mine / other));
            var median = Median(times[name]);
            var peak = setting.Device.type == DeviceType.CPU ? $"; peak memory {PeakOf(name, setting)} MiB" : "";
            new BenchCase(name + setting.Suffix, median, ratio, setting.Batch * 1000 / median, $"ceiling: {peer}{peak}").Print(json);
        }

        return ExitCode.Completed;
    }

    // A GPU computes behind the program's back: without this the time is that of asking for the work.
    private static void WaitFor(Device device)
    {
        if (device.type == DeviceType.CUDA)
        {
            torch.cuda.synchronize(device);
        }
    }

    private static IReadOnlyList<(string Name, string Peer, Action Action)> Variants(Setting setting)
    {
        var plain = Workload(setting, 0);
        var one = Workload(setting, 1);
        var two = Workload(setting, 2);
        var images = torch.rand(setting.Batch, 1, 28, 28, device: setting.Device);
        return
        [
            ("train without projections", "train without projections", () => Train(plain, setting)),
            ("train k=1", "train without projections", () => Train(one, setting)),
            ("train k=2", "train without projections", () => Train(two, setting)),
            ("predict without projections", "predict without projections", () => Predict(plain, setting, model => Prediction.Mean(model, images))),
            ("predict mean", "predict without projections", () => Predict(one, setting, model => Prediction.Mean(model, images))),
            ("predict sampled, 1 draw", "predict without projections", () => Predict(one, setting, model => Prediction.Sampled(model, images, new NoiseKey(1, 0, 0), 1))),
            ($"predict sampled, {Draws} draws", "predict without projections", () => Predict(one, setting, model => Prediction.Sampled(model, images, new NoiseKey(1, 0, 0), Draws))),
        ];
    }

    private static ClassificationWorkload Workload(Setting setting, int trajectories)
    {
        var job = BenchJobs.Vit(setting.Width, setting.Depth, setting.Batch, 1);
        job.Precision = setting.Precision;
        job.Dipnet = new DipnetSpec
        {
            Enabled = trajectories > 0,
            Sigma = 0.1f,
            Alpha = 1e-4f,
            Beta = 1e-5f,
            Gamma = trajectories > 1 ? 0.1f : 0,
            Trajectories = (uint)trajectories,
            Where = "blocks",
            Input = true,
        };
        return new ClassificationWorkload(job, BenchJobs.RandomImages(), setting.Device);
    }

    // Forward and backward of one microbatch, as in training; optimizer and exchange are the same for all.
    private static void Train(ClassificationWorkload workload, Setting setting)
    {
        using var scope = torch.NewDisposeScope();
        workload.Loss(Enumerable.Range(0, setting.Batch).ToArray(), 0, 0).Total.backward();
    }

    private static void Predict(ClassificationWorkload workload, Setting setting, Func<nn.Module<Tensor, Tensor>, Tensor> prediction)
    {
        using var scope = torch.NewDisposeScope();
        using var none = torch.no_grad();
        using var precision = setting.Precision == "bf16" ? new Autocast(setting.Device.type) : default;
        prediction((nn.Module<Tensor, Tensor>)workload.Model);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static string PeakOf(string name, Setting setting)
    {
        using var process = BenchProcess.Start("bench", "dipnet", "--memory", name, "--precision", setting.Precision,
            "--width", Text(setting.Width), "--depth", Text(setting.Depth), "--batch", Text(setting.Batch));
        var output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == ExitCode.Completed ? output : throw new BenchException($"the run of \"{name}\" alone ended with code {process.ExitCode}");
    }

    private static int PrintPeak(string name, Setting setting)
    {
        torch.set_num_threads(1);
        var variant = Variants(setting).FirstOrDefault(v => v.Name == name);
        if (variant.Action is null)
        {
            Console.Error.WriteLine($"--memory \"{name}\": no such variant");
            return ExitCode.Configuration;
        }

        for (var i = 0; i < 3; i++)
        {
            variant.Action();
        }

        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        var kilobytes = long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        Console.WriteLine(Text((int)(kilobytes / 1024)));
        return ExitCode.Completed;
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
