using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;

namespace Dipnet.Modules;

/// <summary>
/// Loads libtorch and TorchSharp's native library by path, before TorchSharp looks for them itself. TorchSharp 0.107 is built against a newer
/// libstdc++ than Debian 12 and Ubuntu 22.04 have; the one symbol version it asks for (GLIBCXX_3.4.32) is never used, so where it is
/// missing a copy with that need marked weak is loaded instead. Must run before anything touches <c>TorchSharp.torch</c>.
/// </summary>
/// <remarks>
/// The libtorch folder is the first of: environment variable <c>DIPNET_LIBTORCH</c>; the program's folder; its
/// <c>runtimes/linux-x64/native</c>; the runtime configuration value <c>Dipnet.LibTorch</c>. CUDA libraries are loaded where the folder has them.
/// Thread-safe; every call after the first returns at once.
/// </remarks>
public static partial class TorchNative
{
    private const string TorchSharpLibrary = "libLibTorchSharp.so";
    private const string UnusedVersion = "GLIBCXX_3.4.32";
    private const string FolderVariable = "DIPNET_LIBTORCH";

    private static readonly Lock Gate = new();
    private static string? folder;

    /// <summary>The folder libtorch was loaded from; null before <see cref="Load"/>.</summary>
    public static string? LibTorchFolder => folder;

    /// <summary>True when libtorch's CUDA libraries are loaded (a driver and a device may still be missing).</summary>
    public static bool CudaLoaded { get; private set; }

    /// <summary>Why the CUDA libraries that lie in the folder did not load; null when they did or there are none.</summary>
    public static string? CudaProblem { get; private set; }

    /// <summary>True when the patched copy of TorchSharp's library is in use.</summary>
    public static bool Patched { get; private set; }

    /// <summary>The version of the libtorch that is loaded, which is not always the one that TorchSharp was built for, e.g. 2.11.0.</summary>
    public static Version Version()
    {
        var version = TorchAbi.aoti_torch_abi_version();
        return new Version((byte)(version >> 56), (byte)(version >> 48), (byte)(version >> 40));
    }

    /// <summary>Loads the native libraries.</summary>
    /// <exception cref="TorchNativeException">A library is missing or cannot be loaded; the message says which, why and what to do.</exception>
    public static void Load()
    {
        lock (Gate)
        {
            if (folder is not null)
                return;
            if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
                throw new TorchNativeException($"libtorch is supported on linux-x64 only; this is {RuntimeInformation.RuntimeIdentifier}");
            var found = FindLibTorch(Environment.GetEnvironmentVariable(FolderVariable), AppContext.BaseDirectory, AppContext.GetData("Dipnet.LibTorch") as string);
            LoadLibTorch(found);
            LoadTorchSharp(FindTorchSharp(AppContext.BaseDirectory));
            folder = found;
        }
    }

    internal static string FindLibTorch(string? variable, string application, string? configured)
    {
        if (!string.IsNullOrEmpty(variable))
        {
            return HasLibTorch(variable)
                ? Path.GetFullPath(variable)
                : throw new TorchNativeException($"{FolderVariable}={variable}: no libtorch_cpu.so in that folder; name the folder that holds it, e.g. torch/lib of a Python install of PyTorch 2.10");
        }
        string?[] candidates = [application, Path.Combine(application, "runtimes", "linux-x64", "native"), configured];
        return candidates.FirstOrDefault(c => !string.IsNullOrEmpty(c) && HasLibTorch(c))
            ?? throw new TorchNativeException($"libtorch_cpu.so is in none of {string.Join(", ", candidates.Where(c => !string.IsNullOrEmpty(c)))}; "
                + $"restore the project's packages (dotnet restore) or set {FolderVariable} to the lib folder of a PyTorch 2.10 install");
    }

    private static bool HasLibTorch(string folder) => File.Exists(Path.Combine(folder, "libtorch_cpu.so"));

    private static string FindTorchSharp(string application)
    {
        string[] candidates = [Path.Combine(application, TorchSharpLibrary), Path.Combine(application, "runtimes", "linux-x64", "native", TorchSharpLibrary)];
        return candidates.FirstOrDefault(File.Exists)
            ?? throw new TorchNativeException($"{TorchSharpLibrary} is missing from {application}; build or publish the program again");
    }

    // The order matters only so that everything a library needs is already mapped, by SONAME, when it is loaded itself.
    private static void LoadLibTorch(string found)
    {
        foreach (var gomp in Directory.GetFiles(found, "libgomp*.so*"))
            NativeLibrary.TryLoad(gomp, out _);
        LoadOrThrow(Path.Combine(found, "libc10.so"));
        LoadOrThrow(Path.Combine(found, "libtorch_cpu.so"));
        if (File.Exists(Path.Combine(found, "libtorch_cuda.so")))
        {
            try
            {
                NativeLibrary.Load(Path.Combine(found, "libc10_cuda.so"));
                NativeLibrary.Load(Path.Combine(found, "libtorch_cuda.so"));
                CudaLoaded = true;
            }
            catch (DllNotFoundException e)
            {
                CudaProblem = Reason(e);
            }
        }
        LoadOrThrow(Path.Combine(found, "libtorch.so"));
    }

    [SupportedOSPlatform("linux")]
    private static void LoadTorchSharp(string path)
    {
        try
        {
            NativeLibrary.Load(path);
        }
        catch (DllNotFoundException e) when (MissingVersion(e.Message) is UnusedVersion)
        {
            var image = File.ReadAllBytes(path);
            if (ElfVersionNeeds.Weaken(image, UnusedVersion) == 0)
                throw Failure(path, e);
            try
            {
                PatchedLibrary.Load(image, TorchSharpLibrary, PatchedLibrary.UserCache());
            }
            catch (DllNotFoundException second)
            {
                throw Failure(path, second);
            }
            Patched = true;
        }
        catch (DllNotFoundException e)
        {
            throw Failure(path, e);
        }
    }

    private static void LoadOrThrow(string path)
    {
        try
        {
            NativeLibrary.Load(path);
        }
        catch (DllNotFoundException e)
        {
            throw Failure(path, e);
        }
    }

    private static TorchNativeException Failure(string path, DllNotFoundException inner) => MissingVersion(inner.Message) is { } version
        ? new TorchNativeException($"{path}: this system's C or C++ library lacks the symbol version {version} that the file was built for; use a newer distribution or container image ({Reason(inner)})", inner)
        : new TorchNativeException($"{path}: {Reason(inner)}", inner);

    internal static string? MissingVersion(string message) => VersionPattern().Match(message) is { Success: true } match ? match.Groups[1].Value : null;

    // .NET lists every name it tried; the line of the dynamic loader is the one that says what is wrong.
    private static string Reason(Exception e) =>
        e.Message.Split('\n').FirstOrDefault(l => l.Contains("cannot open", StringComparison.Ordinal) || l.Contains("version `", StringComparison.Ordinal) || l.Contains("undefined symbol", StringComparison.Ordinal))?.Trim()
        ?? e.Message.Split('\n')[0];

    [GeneratedRegex("version `([A-Za-z]+_[0-9.]+)' not found")]
    private static partial Regex VersionPattern();
}
