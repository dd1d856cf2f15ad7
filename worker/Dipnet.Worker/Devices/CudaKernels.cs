using System.Collections.Concurrent;
using Dipnet.Modules;
using Dipnet.Worker.Optimization;

namespace Dipnet.Worker.Devices;

/// <summary>The kernels of update.cu on one GPU. Compiled once in a process, and then compared with the host's on a few thousand elements.</summary>
internal sealed class CudaKernels : IDeviceKernels
{
    private const int Threads = 256;

    // Enough to fill any GPU; every thread goes on in strides.
    private const long MostBlocks = 4096;

    private static readonly ConcurrentDictionary<int, Lazy<CudaKernels>> Compiled = [];

    private readonly CudaProgram _program;

    private CudaKernels(int device) => _program = CudaProgram.Compile("update.cu", Source(), device, "add", "square_lanes", "adamw", "sgd");

    /// <exception cref="CudaProgramException">They cannot be compiled, or compute otherwise than the host.</exception>
    public static CudaKernels Of(int device) => Compiled.GetOrAdd(device, index => new Lazy<CudaKernels>(() =>
    {
        var kernels = new CudaKernels(index);
        KernelCheck.Run(kernels, index);
        return kernels;
    })).Value;

    public void Add(nint sum, nint other, long count) => _program.Launch("add", Blocks(count), Threads, new Sum(sum, other, count));

    public void SquareLanes(nint gradient, long count, nint lanes) =>
        _program.Launch("square_lanes", (GradientNorm.LanesOf(count) + Threads - 1) / Threads, Threads, new Lanes(gradient, lanes, count));

    public void AdamW(nint parameter, nint first, nint second, nint gradient, long count, AdamWKernel rule) =>
        _program.Launch("adamw", Blocks(count), Threads, new AdamWArguments(parameter, first, second, gradient, count, rule));

    public void Sgd(nint parameter, nint velocity, nint gradient, long count, SgdKernel rule) =>
        _program.Launch("sgd", Blocks(count), Threads, new SgdArguments(parameter, velocity, gradient, count, rule));

    private static long Blocks(long count) => Math.Min(MostBlocks, (count + Threads - 1) / Threads);

    private static string Source()
    {
        using var reader = new StreamReader(typeof(CudaKernels).Assembly.GetManifestResourceStream("update.cu")!);
        return reader.ReadToEnd();
    }

    // As update.cu declares them.
    private readonly record struct Sum(nint Target, nint Other, long Count);

    private readonly record struct Lanes(nint Gradient, nint Target, long Count);

    private readonly record struct AdamWArguments(nint Parameter, nint First, nint Second, nint Gradient, long Count, AdamWKernel Rule);

    private readonly record struct SgdArguments(nint Parameter, nint Velocity, nint Gradient, long Count, SgdKernel Rule);
}
