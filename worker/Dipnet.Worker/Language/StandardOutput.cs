using System.Runtime.InteropServices;
using System.Text;

namespace Dipnet.Worker.Language;

/// <summary>Standard output, unbuffered, that tells when its reader has gone away: .NET's own console drops what it cannot write without a word.</summary>
internal static partial class StandardOutput
{
    private const int Interrupted = 4;
    private const int BrokenPipe = 32;

    /// <summary>Writes UTF-8.</summary>
    /// <returns>False: nobody reads any more.</returns>
    /// <exception cref="IOException">The disk is full, …</exception>
    public static bool Write(string text)
    {
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(text);
        while (rest.Length > 0)
        {
            var written = write(1, rest, (nuint)rest.Length);
            if (written >= 0)
            {
                rest = rest[(int)written..];
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Interrupted:
                    continue;
                case BrokenPipe:
                    return false;
                default:
                    throw new IOException($"standard output: {Marshal.GetLastPInvokeErrorMessage()}");
            }
        }

        return true;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, ReadOnlySpan<byte> bytes, nuint count);
}
