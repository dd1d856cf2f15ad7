namespace Dipnet.Exchange;

/// <summary>
/// Sparse memory that other processes of the same user can map by a path under /proc. It has no name in a file system: when the process
/// ends, however it ends, nothing stays behind. The size is sealed, so a reader's map never loses its pages.
/// </summary>
internal sealed unsafe class SharedMapping : IDisposable
{
    private const int HeadBytes = 4096;

    private readonly int file;
    private bool disposed;

    private SharedMapping(int file, byte* address, long bytes)
    {
        this.file = file;
        Address = address;
        Bytes = bytes;
    }

    public byte* Address { get; }

    public long Bytes { get; }

    public string Path => $"/proc/{Environment.ProcessId}/fd/{file}";

    public static SharedMapping Create(string name, long bytes)
    {
        var file = Libc.MemfdCreate(name, Libc.MemfdCloseOnExec | Libc.MemfdAllowSealing);
        if (file < 0)
        {
            throw Libc.Error($"memfd_create(\"{name}\")");
        }

        if (Libc.Truncate(file, bytes) != 0
            || Libc.ChangeMode(file, 0b110_000_000) != 0
            || Libc.FileControl(file, Libc.AddSeals, Libc.SealShrink | Libc.SealGrow | Libc.SealSeal) != 0)
        {
            var error = Libc.Error($"Sizing {bytes} bytes of shared memory");
            _ = Libc.Close(file);
            throw error;
        }

        return Map(file, bytes, Libc.ProtRead | Libc.ProtWrite);
    }

    /// <summary>Maps a peer's memory for reading.</summary>
    /// <exception cref="IOException">The file is gone, is another user's, or is not sealed memory of the expected size.</exception>
    public static SharedMapping OpenReadOnly(string path, long bytes)
    {
        var file = Libc.Open(path, Libc.OpenReadOnly | Libc.OpenCloseOnExec);
        if (file < 0)
        {
            throw Libc.Error($"Opening {path}");
        }

        var size = Libc.Seek(file, 0, 2);
        var seals = Libc.FileControl(file, Libc.GetSeals, 0);
        if (size != bytes || seals < 0 || (seals & Libc.SealShrink) == 0)
        {
            _ = Libc.Close(file);
            throw new IOException($"{path} has {size} bytes and seals {seals}: a peer's gradients are sealed memory of {bytes} bytes.");
        }

        return Map(file, bytes, Libc.ProtRead);
    }

    /// <summary>Maps the first page only, to learn how large the whole is meant to be.</summary>
    public static SharedMapping OpenHead(string path)
    {
        var file = Libc.Open(path, Libc.OpenReadOnly | Libc.OpenCloseOnExec);
        if (file < 0)
        {
            throw Libc.Error($"Opening {path}");
        }

        var seals = Libc.FileControl(file, Libc.GetSeals, 0);
        if (seals < 0 || (seals & Libc.SealShrink) == 0 || Libc.Seek(file, 0, 2) < HeadBytes)
        {
            _ = Libc.Close(file);
            throw new IOException($"{path} is not sealed memory of a gradient arena.");
        }

        return Map(file, HeadBytes, Libc.ProtRead);
    }

    public void Dispose()
    {
        if (!disposed)
        {
            disposed = true;
            _ = Libc.Unmap(Address, (nuint)Bytes);
            _ = Libc.Close(file);
        }
    }

    private static SharedMapping Map(int file, long bytes, int protection)
    {
        var address = Libc.Map(null, (nuint)bytes, protection, Libc.MapShared | Libc.MapNoReserve, file, 0);
        if ((nint)address == -1)
        {
            var error = Libc.Error($"Mapping {bytes} bytes");
            _ = Libc.Close(file);
            throw error;
        }

        return new SharedMapping(file, (byte*)address, bytes);
    }
}
