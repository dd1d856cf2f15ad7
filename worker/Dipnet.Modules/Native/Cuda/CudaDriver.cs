using System.Runtime.InteropServices;

namespace Dipnet.Modules;

/// <summary>
/// The driver's library, libcuda.so.1: loads programs into the primary context of a device, the one that libtorch computes in, and launches them. Thread-safe, as the
/// driver is.
/// </summary>
internal sealed unsafe class CudaDriver
{
    private const string Library = "libcuda.so.1";
    private const int ComputeCapabilityMajor = 75, ComputeCapabilityMinor = 76;

    private static readonly Lazy<CudaDriver> Loaded = new(() => new CudaDriver());

    private readonly nint _library;
    private readonly delegate* unmanaged<nint, int> _push;
    private readonly delegate* unmanaged<nint*, int> _pop;
    private readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> _launch;

    private CudaDriver()
    {
        if (!NativeLibrary.TryLoad(Library, out _library))
            throw new CudaProgramException($"{Library} cannot be loaded: there is no NVIDIA driver here");
        _push = (delegate* unmanaged<nint, int>)Export("cuCtxPushCurrent_v2");
        _pop = (delegate* unmanaged<nint*, int>)Export("cuCtxPopCurrent_v2");
        _launch = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)Export("cuLaunchKernel");
        Check(((delegate* unmanaged<uint, int>)Export("cuInit"))(0), Library, "cuInit");
    }

    /// <summary>The driver.</summary>
    /// <exception cref="CudaProgramException">There is none, or it does not start.</exception>
    public static CudaDriver Instance => Loaded.Value;

    /// <summary>The device's compute capability, e.g. 9.0.</summary>
    public (int Major, int Minor) Architecture(int device, string program)
    {
        int handle = Handle(device, program), major = 0, minor = 0;
        var attribute = (delegate* unmanaged<int*, int, int, int>)Export("cuDeviceGetAttribute");
        Check(attribute(&major, ComputeCapabilityMajor, handle), program, "cuDeviceGetAttribute");
        Check(attribute(&minor, ComputeCapabilityMinor, handle), program, "cuDeviceGetAttribute");
        return (major, minor);
    }

    /// <summary>The device's primary context, held for the life of the process.</summary>
    public nint PrimaryContext(int device, string program)
    {
        nint context = 0;
        Check(((delegate* unmanaged<nint*, int, int>)Export("cuDevicePrimaryCtxRetain"))(&context, Handle(device, program)), program, "cuDevicePrimaryCtxRetain");
        return context;
    }

    /// <summary>Loads machine code into a context, for the life of the process, and returns its functions.</summary>
    public nint[] LoadFunctions(nint context, byte[] code, ReadOnlySpan<string> names, string program)
    {
        Check(_push(context), program, "cuCtxPushCurrent");
        try
        {
            nint module = 0;
            fixed (byte* image = code)
                Check(((delegate* unmanaged<nint*, byte*, int>)Export("cuModuleLoadData"))(&module, image), program, "cuModuleLoadData");
            var functions = new nint[names.Length];
            for (var i = 0; i < names.Length; i++)
                functions[i] = Function(module, names[i], program);
            return functions;
        }
        finally
        {
            nint ours;
            _pop(&ours);
        }
    }

    /// <summary>
    /// Launches on the legacy default stream of the context, whichever context the thread has: it has the same afterwards. The kernel's one parameter is read from
    /// <paramref name="argument"/> before the call returns.
    /// </summary>
    public void Launch(nint context, nint function, uint blocks, uint threads, void* argument, string program, string kernel)
    {
        Check(_push(context), program, "cuCtxPushCurrent");
        var code = _launch(function, blocks, 1, 1, threads, 1, 1, 0, 0, &argument, null);
        nint ours;
        _pop(&ours);
        if (code != 0)
            Check(code, program, $"cuLaunchKernel of {kernel}");
    }

    private nint Function(nint module, string name, string program)
    {
        var text = Marshal.StringToCoTaskMemUTF8(name);
        try
        {
            nint function = 0;
            Check(((delegate* unmanaged<nint*, nint, nint, int>)Export("cuModuleGetFunction"))(&function, module, text), program, $"cuModuleGetFunction of {name}");
            return function;
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }
    }

    private int Handle(int device, string program)
    {
        int handle = 0;
        Check(((delegate* unmanaged<int*, int, int>)Export("cuDeviceGet"))(&handle, device), program, "cuDeviceGet");
        return handle;
    }

    private nint Export(string function) => NativeLibrary.GetExport(_library, function);

    private void Check(int code, string program, string call)
    {
        if (code != 0)
            throw new CudaProgramException($"{program}: {call}: {Text("cuGetErrorName", code) ?? $"code {code}"} ({Text("cuGetErrorString", code) ?? "unknown"})");
    }

    private string? Text(string function, int code)
    {
        nint text = 0;
        return ((delegate* unmanaged<int, nint*, int>)Export(function))(code, &text) == 0 ? Marshal.PtrToStringUTF8(text) : null;
    }
}
