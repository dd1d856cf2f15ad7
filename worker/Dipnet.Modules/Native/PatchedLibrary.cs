using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace Dipnet.Modules;

/// <summary>
/// Keeps patched copies of a native library in a folder that only this user can write (~/.cache/dipnet/native). A copy is
/// written beside its name and renamed, so concurrent processes see a whole file or none, and reused while its content hash matches.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class PatchedLibrary
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Loads <paramref name="image"/> as a library called <paramref name="fileName"/>.</summary>
    public static void Load(byte[] image, string fileName, string? cacheRoot)
    {
        if (cacheRoot is not null && TryStore(image, fileName, cacheRoot) is { } path)
        {
            NativeLibrary.Load(path);
            return;
        }
        // No writable home (a read-only root file system): a new private folder, gone as soon as the library is mapped.
        var folder = Directory.CreateTempSubdirectory("dipnet-native-");
        try
        {
            var file = Path.Combine(folder.FullName, fileName);
            File.WriteAllBytes(file, image);
            NativeLibrary.Load(file);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Path of a stored copy with exactly these bytes, or null where the folder cannot be written.</summary>
    public static string? TryStore(byte[] image, string fileName, string cacheRoot)
    {
        var hash = SHA256.HashData(image);
        try
        {
            var folder = Path.Combine(cacheRoot, Convert.ToHexStringLower(hash.AsSpan(0, 8)));
            Directory.CreateDirectory(folder, Private);
            // A folder that others can write could change the file between the check and the load.
            if ((File.GetUnixFileMode(folder) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
                return null;
            var path = Path.Combine(folder, fileName);
            if (File.Exists(path) && SHA256.HashData(File.ReadAllBytes(path)).AsSpan().SequenceEqual(hash))
                return path;
            var temporary = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():N}";
            File.WriteAllBytes(temporary, image);
            File.Move(temporary, path, overwrite: true);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The user's cache folder of patched libraries, or null where the user has no home.</summary>
    public static string? UserCache()
    {
        var root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(root))
        {
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            if (home.Length == 0)
                return null;
            root = Path.Combine(home, ".cache");
        }
        return Path.Combine(root, "dipnet", "native");
    }
}
