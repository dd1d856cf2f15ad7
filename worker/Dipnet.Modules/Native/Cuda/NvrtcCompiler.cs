using System.Runtime.InteropServices;

namespace Dipnet.Modules;

/// <summary>
/// NVRTC, the compiler of CUDA C++ that every libtorch with CUDA brings, in the copy that fits the libtorch of this process. Thread-safe, as NVRTC is.
/// </summary>
internal sealed unsafe class NvrtcCompiler
{
    private static readonly Lazy<NvrtcCompiler> Loaded = new(Load);

    private readonly nint _library;

    private NvrtcCompiler(nint library) => _library = library;

    /// <summary>The compiler; libtorch must be loaded.</summary>
    /// <exception cref="CudaProgramException">There is none; the message says where was looked.</exception>
    public static NvrtcCompiler Instance => Loaded.Value;

    /// <summary>
    /// Compiles to machine code of the architecture <paramref name="major"/>.<paramref name="minor"/>, which a driver of the same major version of CUDA loads
    /// even where it is older than the compiler. Every operation of fp32 is rounded as IEEE 754 says and no two are joined.
    /// </summary>
    /// <exception cref="CudaProgramException">The source has errors, or the compiler does not know the architecture.</exception>
    public byte[] Compile(string name, string source, int major, int minor)
    {
        string[] options = [$"--gpu-architecture=sm_{major}{minor}", "--fmad=false", "--ftz=false", "--prec-div=true", "--prec-sqrt=true"];
        var texts = stackalloc nint[options.Length + 2];
        for (var i = 0; i < options.Length; i++)
            texts[i] = Marshal.StringToCoTaskMemUTF8(options[i]);
        var (sourceText, nameText) = (options.Length, options.Length + 1);
        texts[sourceText] = Marshal.StringToCoTaskMemUTF8(source);
        texts[nameText] = Marshal.StringToCoTaskMemUTF8($"{name}.cu");
        nint program = 0;
        try
        {
            Check(((delegate* unmanaged<nint*, nint, nint, int, nint, nint, int>)Export("nvrtcCreateProgram"))(&program, texts[sourceText], texts[nameText], 0, 0, 0),
                "nvrtcCreateProgram", name);
            var code = ((delegate* unmanaged<nint, int, nint*, int>)Export("nvrtcCompileProgram"))(program, options.Length, texts);
            if (code != 0)
                throw new CudaProgramException($"{name} for sm_{major}{minor}: nvrtcCompileProgram: {Text(code)}: {CompileLog.FirstErrors(Log(program))}");
            return Result(program, "nvrtcGetCUBIN", name);
        }
        finally
        {
            if (program != 0)
                ((delegate* unmanaged<nint*, int>)Export("nvrtcDestroyProgram"))(&program);
            for (var i = 0; i < options.Length + 2; i++)
                Marshal.FreeCoTaskMem(texts[i]);
        }
    }

    private byte[] Result(nint program, string call, string name)
    {
        nuint size = 0;
        Check(((delegate* unmanaged<nint, nuint*, int>)Export($"{call}Size"))(program, &size), $"{call}Size", name);
        var bytes = new byte[size];
        fixed (byte* pointer = bytes)
            Check(((delegate* unmanaged<nint, byte*, int>)Export(call))(program, pointer), call, name);
        return bytes;
    }

    private string Log(nint program)
    {
        var bytes = Result(program, "nvrtcGetProgramLog", "the log");
        return System.Text.Encoding.UTF8.GetString(bytes).TrimEnd('\0');
    }

    private void Check(int code, string call, string name)
    {
        if (code != 0)
            throw new CudaProgramException($"{name}: {call}: {Text(code)}");
    }

    private string Text(int code) => Marshal.PtrToStringUTF8(((delegate* unmanaged<int, nint>)Export("nvrtcGetErrorString"))(code)) ?? $"code {code}";

    private nint Export(string function) => NativeLibrary.GetExport(_library, function);

    private static NvrtcCompiler Load()
    {
        var places = new NvrtcPlaces(MappedLibraries.Find("libcudart"), TorchNative.LibTorchFolder);
        foreach (var file in places.Files())
        {
            // NVRTC opens its builtins by name alone, and not every build of it has a search path that leads to its own folder.
            foreach (var builtins in NvrtcPlaces.Builtins(file))
                NativeLibrary.TryLoad(builtins, out _);
            if (NativeLibrary.TryLoad(file, out var library))
                return new NvrtcCompiler(library);
        }
        foreach (var name in NvrtcPlaces.SystemNames)
        {
            if (NativeLibrary.TryLoad(name, out var library))
                return new NvrtcCompiler(library);
        }
        throw new CudaProgramException(places.NotFound);
    }
}
