using System.Runtime.InteropServices;

namespace Dipnet.Coordinator.RunFolders;

/// <summary>Makes a rename in a folder durable; .NET opens no folders.</summary>
internal static class DirectorySync
{
    private const int ReadOnlyDirectory = 0x10000;

    /// <exception cref="IOException">The folder can't be opened or synchronised.</exception>
    public static void Flush(string folder)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var descriptor = Open(folder, ReadOnlyDirectory);
        if (descriptor < 0)
        {
            throw new IOException($"folder {folder}: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        var result = Synchronise(descriptor);
        var error = Marshal.GetLastPInvokeErrorMessage();
        _ = Close(descriptor);
        if (result != 0)
        {
            throw new IOException($"folder {folder}: {error}");
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Synchronise(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int descriptor);
}
