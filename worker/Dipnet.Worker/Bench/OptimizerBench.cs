using System.CommandLine;
using System.Runtime.InteropServices;
using Dipnet.Exchange;
using Dipnet.Protos;
using Dipnet.Worker.Hosting;
using Dipnet.Worker.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dipnet.Worker.Bench;

/// <summary><c>bench optimizer</c>: the flat optimizers against the time that memory alone needs (28 bytes a parameter for AdamW) and against TorchSharp's own AdamW.</summary>
internal static unsafe class OptimizerBench
{
    private const int Runs = 11;

    public static System.CommandLine.Command Create()
    {
        var millions = new Option<int>("--parameters") { Description = "Millions of parameters.", DefaultValueFactory = _ => 32 };
        var device = BenchDevice.DeviceOption("auto, cpu, cuda or cuda:N, as of a worker.");
        var json = new Option<bool>("--json") { Description = "One JSON line a case." };
        var command = new System.CommandLine.Command("optimizer", "AdamW and SGD over flat buffers.") { millions, device, json };
        command.SetAction(parse => BenchDevice.On(parse.GetValue(device)!, on => on.type == DeviceType.CPU
            ? Run(parse.GetValue(millions) * 1_000_000L, parse.GetValue(json))
            : DeviceOptimizerBench.Run(on, parse.GetValue(millions) * 1_000_000L, parse.GetValue(json))));
        return command;
    }

    private static int Run(long count, bool json)
    {
        torch.set_num_threads(1);
        var bytes = (nuint)(count * sizeof(float));
        var buffers = Enumerable.Range(0, 4).Select(_ => (nint)NativeMemory.AlignedAlloc(bytes, 2 << 20)).ToArray();
        foreach (var buffer in buffers)
        {
            new Span<float>((void*)buffer, (int)count).Fill(1e-3f);
        }

        // A copy reads and writes; the processor reads a line before it writes it only where the copy does not stream.
        var copy = BenchCase.Median(() => System.Buffer.MemoryCopy((void*)buffers[0], (void*)buffers[1], (long)bytes, (long)bytes), Runs, 2);
        var bytesPerMs = 2.0 * bytes / copy;
        new BenchCase("copy", copy, Note: $"{bytesPerMs / 1e6:F1} GB/s read and written: the ceiling").Print(json);
        Measure("adamw", 28, buffers, count, bytesPerMs, json);
        Measure("sgd", 20, buffers, count, bytesPerMs, json);
        var gradient = new ReducedGradient([new ReducedSpan(buffers[3], 0, count)]);
        var any = new FlatOptimizer(new OptimizerSpec(), [new OptimizerSegment(0, count, ParameterGroup.Weights, true)], null, null, null);
        var norm = BenchCase.Median(() => any.SumsOfSquares(gradient), Runs, 2);
        new BenchCase("norm", norm, norm / (4.0 * count / bytesPerMs), Note: "4 bytes a parameter").Print(json);
        foreach (var buffer in buffers)
        {
            NativeMemory.AlignedFree((void*)buffer);
        }

        Peer(count, bytesPerMs, json);
        return ExitCode.Completed;
    }

    private static void Measure(string kind, int bytesPerParameter, nint[] buffers, long count, double bytesPerMs, bool json)
    {
        var group = new OptimizerGroup { Kind = kind, LearningRate = 1e-4f, WeightDecay = 0.01f, Beta1 = 0.9f, Beta2 = 0.999f, Epsilon = 1e-8f, Momentum = 0.9f };
        var optimizer = new FlatOptimizer(new OptimizerSpec { Weights = group, Projections = group }, [new OptimizerSegment(0, count, ParameterGroup.Weights, true)],
            (float*)buffers[0], (float*)buffers[1], (float*)buffers[2]);
        var gradient = new ReducedGradient([new ReducedSpan(buffers[3], 0, count)]);
        ulong step = 0;
        var time = BenchCase.Median(() => optimizer.Step(gradient, step++, 1, 0.125f, 0.125f), Runs, 2);
        new BenchCase(kind, time, time / (bytesPerParameter * (double)count / bytesPerMs), Note: $"{bytesPerParameter} bytes a parameter").Print(json);
    }

    private static void Peer(long count, double bytesPerMs, bool json)
    {
        using var scope = torch.NewDisposeScope();
        var parameters = Enumerable.Range(0, 32).Select(_ => new Parameter(torch.randn(count / 32)) { grad = torch.randn(count / 32) }).ToArray();
        var optimizer = torch.optim.AdamW(parameters, lr: 1e-4, weight_decay: 0.01);
        var time = BenchCase.Median(() => optimizer.step(), 5, 1);
        new BenchCase("adamw (TorchSharp)", time, time / (28.0 * count / bytesPerMs), Note: "the peer, 32 tensors").Print(json);
    }
}
