using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Dipnet.EndToEnd.Tests;

/// <summary>A file system of a few MB in memory at a folder of the test.</summary>
internal sealed partial class SmallDisk : IDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    public static bool IsAllowed => geteuid() == 0;

    public static SmallDisk Mount(string folder, string options)
    {
        Directory.CreateDirectory(folder);
        Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder);
        return new SmallDisk(folder);
    }

    public void Dispose() => Run("umount", "--lazy", _folder);

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
    }

    [LibraryImport("libc")]
    private static partial uint geteuid();
}
