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
/// <c>bench dipnet</c>: what projections cost on a vision transformer (width 192, depth 6, 49 tokens, batch 32, one thread), against the same network without
/// them. Variants take turns, so that what else the machine does meets all of them; peak memory is that of a process that runs the variant alone.
/// </summary>
internal static class DipnetBench
{
    private const int Batch = 32;
    private const int Draws = 8;

    public static System.CommandLine.Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "Turns of every variant.", DefaultValueFactory = _ => 9 };
        var json = new Option<bool>("--json") { Description = "One JSON line a case." };
        var memory = new Option<string?>("--memory") { Description = "Run one variant alone and print its peak memory.", Hidden = true };
        var command = new System.CommandLine.Command("dipnet", "The method's cost in training and prediction.") { rounds, json, memory };
        command.SetAction(parse => parse.GetValue(memory) is { } name
            ? PrintPeak(name)
            : Run(Math.Max(1, parse.GetValue(rounds)), parse.GetValue(json)));
        return command;
    }

    private static int Run(int rounds, bool json)
    {
        torch.set_num_threads(1);
        var variants = Variants();
        var times = variants.ToDictionary(v => v.Name, _ => new List<double>());
        for (var round = -1; round < rounds; round++)
        {
            foreach (var variant in variants)
            {
                var begin = Stopwatch.GetTimestamp();
                variant.Action();
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
            new BenchCase(name, median, ratio, Batch * 1000 / median, $"ceiling: {peer}; peak memory {PeakOf(name)} MiB").Print(json);
        }

        return ExitCode.Completed;
    }

    private static IReadOnlyList<(string Name, string Peer, Action Action)> Variants()
    {
        var plain = Workload(0);
        var one = Workload(1);
        var two = Workload(2);
        var images = torch.rand(Batch, 1, 28, 28);
        return
        [
            ("train without projections", "train without projections", () => Train(plain)),
            ("train k=1", "train without projections", () => Train(one)),
            ("train k=2", "train without projections", () => Train(two)),
            ("predict without projections", "predict without projections", () => Predict(plain, model => Prediction.Mean(model, images))),
            ("predict mean", "predict without projections", () => Predict(one, model => Prediction.Mean(model, images))),
            ("predict sampled, 1 draw", "predict without projections", () => Predict(one, model => Prediction.Sampled(model, images, new NoiseKey(1, 0, 0), 1))),
            ($"predict sampled, {Draws} draws", "predict without projections", () => Predict(one, model => Prediction.Sampled(model, images, new NoiseKey(1, 0, 0), Draws))),
        ];
    }

    private static ClassificationWorkload Workload(int trajectories)
    {
        var job = BenchJobs.Vit(192, 6, Batch, 1);
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
        return new ClassificationWorkload(job, BenchJobs.RandomImages(), torch.CPU);
    }

    // Forward and backward of one microbatch, as in training; optimizer and exchange are the same for all.
    private static void Train(ClassificationWorkload workload)
    {
        using var scope = torch.NewDisposeScope();
        workload.Loss(Enumerable.Range(0, Batch).ToArray(), 0, 0).Total.backward();
    }

    private static void Predict(ClassificationWorkload workload, Func<nn.Module<Tensor, Tensor>, Tensor> prediction)
    {
        using var scope = torch.NewDisposeScope();
        using var none = torch.no_grad();
        prediction((nn.Module<Tensor, Tensor>)workload.Model);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static string PeakOf(string name)
    {
        using var process = BenchProcess.Start("bench", "dipnet", "--memory", name);
        var output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == ExitCode.Completed ? output : throw new InvalidOperationException($"the run of \"{name}\" alone ended with code {process.ExitCode}");
    }

    private static int PrintPeak(string name)
    {
        torch.set_num_threads(1);
        var variant = Variants().FirstOrDefault(v => v.Name == name);
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
        Console.WriteLine((kilobytes / 1024).ToString(CultureInfo.InvariantCulture));
        return ExitCode.Completed;
    }
}
