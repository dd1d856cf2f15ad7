using System.Runtime.InteropServices;

namespace Dipnet.Exchange;

/// <summary>System calls that .NET has no API for. Linux, 64 bit.</summary>
internal static unsafe partial class Libc
{
    public const int ProtRead = 1, ProtWrite = 2;
    public const int MapShared = 1, MapPrivate = 2, MapAnonymous = 0x20, MapNoReserve = 0x4000;
    public const uint MemfdCloseOnExec = 1, MemfdAllowSealing = 2;
    public const int AddSeals = 1033, GetSeals = 1034;
    public const int SealSeal = 1, SealShrink = 2, SealGrow = 4;
    public const int OpenReadOnly = 0, OpenCloseOnExec = 0x80000;
    public const int DontWait = 0x40, NoSignal = 0x4000, More = 0x8000;
    public const int TcpLevel = 6, TcpCongestion = 13, SocketLevel = 1, MaxPacingRate = 47;
    public const short PollIn = 1, PollOut = 4;
    public const int EventNonBlocking = 0x800, EventCloseOnExec = 0x80000;
    public const int TryAgain = 11, Interrupted = 4, NotImplemented = 38;
    public const long FutexCall = 202, FutexWaitvCall = 449;
    public const int FutexWait = 0, FutexWake = 1;
    public const int ClockMonotonic = 1;

    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MemfdCreate(string name, uint flags);

    [LibraryImport(Library, EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int Truncate(int file, long length);

    [LibraryImport(Library, EntryPoint = "fchmod", SetLastError = true)]
    public static partial int ChangeMode(int file, uint mode);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    public static partial int FileControl(int file, int command, long argument);

    [LibraryImport(Library, EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(int file, long offset, int origin);

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int file);

    [LibraryImport(Library, EntryPoint = "mmap", SetLastError = true)]
    public static partial void* Map(void* address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport(Library, EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(void* address, nuint length);

    [LibraryImport(Library, EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    [LibraryImport(Library, EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFile(uint initial, int flags);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int file, void* buffer, nuint count);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int file, void* buffer, nuint count);

    [LibraryImport(Library, EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int socket, void* buffer, nuint count, int flags);

    [LibraryImport(Library, EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int socket, void* buffer, nuint count, int flags);

    [LibraryImport(Library, EntryPoint = "ppoll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, ulong count, TimeSpec* timeout, void* signals);

    [LibraryImport(Library, EntryPoint = "clock_gettime", SetLastError = true)]
    public static partial int Clock(int clock, TimeSpec* time);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    public static partial long Futex(long call, uint* word, long operation, long value, TimeSpec* timeout, void* unused, long unused2);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    public static partial long FutexWaitv(long call, FutexWaiter* waiters, long count, long flags, TimeSpec* deadline, long clock);

    public static IOException Error(string what) =>
        new($"{what} failed: {Marshal.GetLastPInvokeErrorMessage()} (errno {Marshal.GetLastPInvokeError()}).");

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int File;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct FutexWaiter
    {
        public ulong Value;
        public ulong Address;
        public uint Flags;
        public uint Reserved;
    }
}
