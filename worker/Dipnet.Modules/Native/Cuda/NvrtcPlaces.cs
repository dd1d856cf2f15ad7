namespace Dipnet.Modules;

/// <summary>Where libnvrtc lies beside a libtorch with CUDA. Only reads folders.</summary>
/// <param name="Runtime">Path of the libcudart that this process has mapped; null where none is.</param>
/// <param name="LibTorch">The folder that libtorch was loaded from; null where none is known.</param>
internal sealed record NvrtcPlaces(string? Runtime, string? LibTorch)
{
    /// <summary>What the dynamic loader is asked for when no folder has the library.</summary>
    public static readonly IReadOnlyList<string> SystemNames = ["libnvrtc.so.13", "libnvrtc.so.12"];

    /// <summary>
    /// The folders, in the order in which they are looked at: that of libcudart, so that both are of one CUDA; pip's older layout, where each library has a folder
    /// of its own (nvidia/cuda_runtime/lib beside nvidia/cuda_nvrtc/lib); libtorch's, which in its zip and in TorchSharp's packages holds everything.
    /// </summary>
    public IReadOnlyList<string> Folders
    {
        get
        {
            var runtime = Path.GetDirectoryName(Runtime);
            string?[] folders = [runtime, runtime is null ? null : Path.GetFullPath(Path.Combine(runtime, "../../cuda_nvrtc/lib")), LibTorch];
            return [.. folders.OfType<string>().Where(folder => folder.Length > 0).Distinct()];
        }
    }

    /// <summary>What is said where nothing of all this is there.</summary>
    public string NotFound =>
        $"libnvrtc, which compiles the kernels of a worker on a GPU, was looked for in {string.Join(", ", [.. Folders, .. SystemNames.Select(name => $"the system's {name}")])} and is in none; "
        + "every libtorch with CUDA comes with it (pip: nvidia-cuda-nvrtc)";

    /// <summary>The files that may be the library, best first: folder by folder, in a folder by name.</summary>
    public IEnumerable<string> Files() => Folders.Where(Directory.Exists).SelectMany(folder => Names(folder, IsCompiler));

    /// <summary>The files beside <paramref name="library"/> that it opens by name while it compiles.</summary>
    public static IEnumerable<string> Builtins(string library) =>
        Path.GetDirectoryName(library) is { Length: > 0 } folder ? Names(folder, name => name.StartsWith("libnvrtc-builtins", StringComparison.Ordinal) && IsShared(name)) : [];

    private static IEnumerable<string> Names(string folder, Func<string, bool> wanted) =>
        Directory.EnumerateFiles(folder, "libnvrtc*").Where(path => wanted(Path.GetFileName(path))).Order(StringComparer.Ordinal);

    // libnvrtc.so.12, libnvrtc-9fe6a0a4.so.12; not libnvrtc-builtins.so.12.8 and not libnvrtc.alt.so.12, which is built for another C++ library.
    private static bool IsCompiler(string name) =>
        (name.StartsWith("libnvrtc.so", StringComparison.Ordinal) || name.StartsWith("libnvrtc-", StringComparison.Ordinal) && !name.StartsWith("libnvrtc-builtins", StringComparison.Ordinal))
        && IsShared(name) && !name.Contains(".alt", StringComparison.Ordinal);

    private static bool IsShared(string name) => name.EndsWith(".so", StringComparison.Ordinal) || name.Contains(".so.", StringComparison.Ordinal);
}
