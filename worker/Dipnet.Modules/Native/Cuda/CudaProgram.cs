namespace Dipnet.Modules;

/// <summary>
/// Kernels in CUDA C++, compiled at run time for one device and loaded into its primary context, the one that libtorch computes in; they stay for the life of
/// the process. Without contraction and with IEEE 754 rounding, so that arithmetic of fp32 has the CPU's bits. Thread-safe.
/// </summary>
public sealed unsafe class CudaProgram
{
    private const int MostThreads = 1024;

    private readonly CudaDriver _driver;
    private readonly string _name;
    private readonly nint _context;
    private readonly string[] _kernels;
    private readonly nint[] _functions;

    private CudaProgram(CudaDriver driver, string name, nint context, string[] kernels, nint[] functions)
    {
        _driver = driver;
        _name = name;
        _context = context;
        _kernels = kernels;
        _functions = functions;
    }

    /// <summary>Compiles and loads. libtorch must be loaded; takes about a fifth of a second.</summary>
    /// <param name="name">What errors call the program.</param>
    /// <param name="source">Without headers; its kernels are <c>extern "C" __global__</c> and take one struct by value.</param>
    /// <param name="device">Index of the device as libtorch counts, N of cuda:N.</param>
    /// <param name="kernels">Names of the kernels that will be launched.</param>
    /// <exception cref="CudaProgramException">There is no driver, no such device or no NVRTC, or the source has errors.</exception>
    public static CudaProgram Compile(string name, string source, int device, params ReadOnlySpan<string> kernels)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentOutOfRangeException.ThrowIfNegative(device);
        if (kernels.IsEmpty)
            throw new ArgumentException($"{name}: at least one kernel must be named", nameof(kernels));
        var program = $"{name} on cuda:{device}";
        var driver = CudaDriver.Instance;
        var (major, minor) = driver.Architecture(device, program);
        var code = NvrtcCompiler.Instance.Compile(name, source, major, minor);
        var context = driver.PrimaryContext(device, program);
        return new CudaProgram(driver, program, context, kernels.ToArray(), driver.LoadFunctions(context, code, kernels, program));
    }

    /// <summary>
    /// Queues a kernel behind what libtorch has queued on the device's default stream, where TorchSharp's operators run; on any thread, whose current device stays what it
    /// is. Allocates nothing. An error of the kernel itself shows in a later call.
    /// </summary>
    /// <param name="arguments">The kernel's one parameter, copied at once; laid out as the struct of the source.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="blocks"/> is outside of 1 … 2^31−1 or <paramref name="threads"/> of 1 … 1024.</exception>
    /// <exception cref="CudaProgramException">The launch was refused.</exception>
    public void Launch<T>(string kernel, long blocks, int threads, in T arguments) where T : unmanaged
    {
        CheckSize(blocks, threads);
        var index = Array.IndexOf(_kernels, kernel);
        if (index < 0)
            throw new ArgumentException($"{_name} has no kernel {kernel}; it was compiled with {string.Join(", ", _kernels)}", nameof(kernel));
        fixed (T* argument = &arguments)
            _driver.Launch(_context, _functions[index], (uint)blocks, (uint)threads, argument, _name, kernel);
    }

    internal static void CheckSize(long blocks, int threads)
    {
        if (blocks is < 1 or > int.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(blocks), blocks, "must be 1 … 2^31−1");
        if (threads is < 1 or > MostThreads)
            throw new ArgumentOutOfRangeException(nameof(threads), threads, $"must be 1 … {MostThreads}");
    }
}
