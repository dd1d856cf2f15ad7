using Dipnet.Modules;
using Dipnet.Worker.Devices;
using Dipnet.Worker.Hosting;
using Dipnet.Worker.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dipnet.Worker.Bench;

/// <summary><c>bench optimizer --device cuda</c>: the kernels of a GPU against the time that its memory alone needs, and against TorchSharp's own AdamW there.</summary>
internal static class DeviceOptimizerBench
{
    private const int Runs = 21;

    // A launch and the wait for it are part of every time: enough of them in a row that they do not count.
    private const int Repeats = 10;

    public static int Run(Device device, long count, bool json)
    {
        using var scope = torch.NewDisposeScope();
        using var none = torch.no_grad();
        var kernels = CudaKernels.Of(device.index);
        var buffers = Enumerable.Range(0, 4).Select(_ => torch.full([count], 1e-3f, device: device)).ToArray();
        var at = buffers.Select(BlobTensor.Pointer).ToArray();
        var copy = Time(() => buffers[0].copy_(buffers[1]));
        var bytesPerMs = 8.0 * count / copy;
        new BenchCase($"copy on {device}", copy, Note: $"{bytesPerMs / 1e6:F0} GB/s read and written: the ceiling").Print(json);
        Case("adamw", 28, () => kernels.AdamW(at[0], at[1], at[2], at[3], count, new AdamWKernel(1e-4f, 0.01f, 0.9f, 0.999f, 1e-8f, 5, 0.125f)));
        Case("sgd", 20, () => kernels.Sgd(at[0], at[1], at[3], count, new SgdKernel(1e-4f, 0.01f, 0.9f, 0.125f)));
        Case("sum", 12, () => kernels.Add(at[0], at[3], count));
        using var lanes = torch.zeros([GradientNorm.LanesOf(count)], ScalarType.Float64, device);
        Case("norm", 4, () => kernels.SquareLanes(at[3], count, BlobTensor.Pointer(lanes)));

        var parameters = Enumerable.Range(0, 32).Select(_ => new Parameter(torch.randn(count / 32, device: device)) { grad = torch.randn(count / 32, device: device) }).ToArray();
        var optimizer = torch.optim.AdamW(parameters, lr: 1e-4, weight_decay: 0.01);
        Case("adamw (TorchSharp)", 28, () => optimizer.step());
        return ExitCode.Completed;

        void Case(string name, int bytesPerParameter, Action action)
        {
            var time = Time(action);
            new BenchCase($"{name} on {device}", time, time / (bytesPerParameter * (double)count / bytesPerMs), Note: $"{bytesPerParameter} bytes a parameter").Print(json);
        }

        double Time(Action action) => BenchCase.Median(() =>
        {
            for (var i = 0; i < Repeats; i++)
            {
                action();
            }

            torch.cuda.synchronize(device);
        }, Runs, 2) / Repeats;
    }
}
