using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>
/// Draws noise on a GPU, with the bits of <see cref="CounterNoise"/>. At the first use of a device its kernels are compiled and what they draw is compared with
/// what the CPU draws. Thread-safe.
/// </summary>
internal static unsafe class CudaNoise
{
    private const int Threads = 256, GroupCounters = 16, GroupValues = 64;

    private static readonly ConcurrentDictionary<int, Lazy<CudaProgram>> Programs = [];

    /// <summary>
    /// A tensor on a CUDA device, fp32, whose memory holds <paramref name="trajectories"/> runs of equal length: run t is filled from value <paramref name="offset"/> on
    /// of the stream <paramref name="first"/> with t added to its number of the trajectory.
    /// </summary>
    /// <exception cref="CudaProgramException">The kernels cannot be compiled, or draw other noise than the CPU.</exception>
    public static Tensor Draw(ReadOnlySpan<long> shape, in NoiseStream first, Device device, bool normal, int trajectories = 1, long offset = 0)
    {
        var values = empty(shape.ToArray(), ScalarType.Float32, device);
        var index = values.device.index;
        var program = Programs.GetOrAdd(index, static i => new Lazy<CudaProgram>(() => Start(i))).Value;
        Fill(program, BlobTensor.Pointer(values), values.numel() / trajectories, trajectories, first, offset, normal);
        return values;
    }

    private static void Fill(CudaProgram program, nint memory, long length, int trajectories, in NoiseStream first, long offset, bool normal)
    {
        if (offset < 0 || offset + length > 1L << 34)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"values {offset} … {offset + length} are outside of a stream of 2^34");
        if (length == 0)
            return;
        var counters = ((offset + length - 1) / GroupValues - offset / GroupValues + 1) * GroupCounters;
        var blocks = (counters + Threads - 1) / Threads;
        program.Launch(normal ? "drawNormal" : "drawUniform", blocks * trajectories, Threads, new Arguments(memory, length, offset, (uint)blocks, first));
    }

    private static CudaProgram Start(int device)
    {
        using var reader = new StreamReader(typeof(CudaNoise).Assembly.GetManifestResourceStream("noise.cu")!);
        var program = CudaProgram.Compile("noise", reader.ReadToEnd(), device, "drawNormal", "drawUniform");
        Check(program, device, normal: true);
        Check(program, device, normal: false);
        return program;
    }

    // From an odd place whose counter needs all 32 bits, and not whole groups.
    private static void Check(CudaProgram program, int device, bool normal)
    {
        const int trajectories = 3, length = 5000;
        const long offset = (1L << 33) + 12_345;
        var key = new NoiseKey(0x0123456789ABCDEF, 17, 5);
        using var drawn = empty([trajectories, length], ScalarType.Float32, new Device(DeviceType.CUDA, device));
        Fill(program, BlobTensor.Pointer(drawn), length, trajectories, key.Stream(1, 2, 3), offset, normal);
        using var copy = drawn.cpu();
        var expected = new float[trajectories * length];
        for (var t = 0; t < trajectories; t++)
        {
            var run = expected.AsSpan(t * length, length);
            if (normal)
                CounterNoise.FillNormal(run, key.Stream(1 + t, 2, 3), offset);
            else
                CounterNoise.FillUniform(run, key.Stream(1 + t, 2, 3), offset);
        }
        CudaCheck.SameBits($"cuda:{device} draws other noise than the CPU", new ReadOnlySpan<float>((void*)BlobTensor.Pointer(copy), expected.Length), expected);
    }

    // The struct Draw of noise.cu.
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Arguments(nint destination, long length, long offset, uint blocksPerTrajectory, NoiseStream first)
    {
        private readonly nint _destination = destination;
        private readonly long _length = length;
        private readonly long _offset = offset;
        private readonly uint _blocksPerTrajectory = blocksPerTrajectory;
        private readonly uint _key0 = first.Key0;
        private readonly uint _key1 = first.Key1;
        private readonly uint _counter1 = first.Counter1;
        private readonly uint _counter2 = first.Counter2;
        private readonly uint _counter3 = first.Counter3;
    }
}
