namespace Dipnet.Modules;

/// <summary>
/// The libraries that this process has loaded, by the lines of /proc/self/maps: the way to the very copy of a CUDA library that libtorch uses, since its name
/// differs between installs (libcudart.so.12, libcudart-9335f6a2.so.12). Thread-safe.
/// </summary>
public static class MappedLibraries
{
    /// <summary>Path of the first mapped file whose name begins with <paramref name="prefix"/>; null where there is none.</summary>
    public static string? Find(string prefix) => Find(prefix, File.Exists("/proc/self/maps") ? File.ReadLines("/proc/self/maps") : []);

    internal static string? Find(string prefix, IEnumerable<string> maps) => maps
        .Select(line => line.IndexOf('/') is var at and >= 0 ? line[at..] : "")
        .FirstOrDefault(path => Path.GetFileName(path).StartsWith(prefix, StringComparison.Ordinal));
}
