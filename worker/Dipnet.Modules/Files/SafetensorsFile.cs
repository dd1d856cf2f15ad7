using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Dipnet.Modules.Files;

/// <summary>An open safetensors file whose header passed every check. Reads are positional, so any number of threads may read at once.</summary>
public sealed class SafetensorsFile : IDisposable
{
    const int LargestRead = 1 << 30;

    readonly SafeFileHandle _handle;
    readonly Dictionary<string, SafetensorsEntry> _byName;

    SafetensorsFile(string path, SafeFileHandle handle, byte[] head, List<SafetensorsEntry> entries, Dictionary<string, string> metadata)
    {
        (Path, _handle, Head, Entries, Metadata) = (path, handle, head, entries, metadata);
        _byName = entries.ToDictionary(static e => e.Name);
    }

    public string Path { get; }

    /// <summary>The file's bytes in front of the data: the header and its length. The data of all <see cref="Entries"/> is the rest, without a hole.</summary>
    public ReadOnlyMemory<byte> Head { get; }

    /// <summary>Tensors in the order of their data.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries { get; }

    /// <summary>The <c>__metadata__</c> strings.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <exception cref="SafetensorsException">The file breaks a rule of the format.</exception>
    public static SafetensorsFile Open(string path)
    {
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            var length = RandomAccess.GetLength(handle);
            Span<byte> prefix = stackalloc byte[8];
            if (length < 8 || !Fill(handle, prefix, 0))
            {
                throw new SafetensorsException(path, $"{length} bytes are too few for a header length (8 bytes)");
            }
            var header = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
            if (header > SafetensorsHeader.MaximumBytes)
            {
                throw new SafetensorsException(path, $"the header length is {header}, at most {SafetensorsHeader.MaximumBytes} is allowed");
            }
            if ((long)header > length - 8)
            {
                throw new SafetensorsException(path, $"the header length is {header}, the file has {length - 8} bytes behind it");
            }
            var head = new byte[8 + header];
            if (!Fill(handle, head, 0))
            {
                throw new SafetensorsException(path, "the file ends inside its header");
            }
            var (entries, metadata) = SafetensorsHeader.Parse(head.AsMemory(8), length - head.Length, path);
            return new SafetensorsFile(path, handle, head, entries, metadata);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public bool TryGet(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SafetensorsEntry? entry) => _byName.TryGetValue(name, out entry);

    /// <exception cref="SafetensorsException">No such tensor.</exception>
    public SafetensorsEntry this[string name] =>
        _byName.TryGetValue(name, out var entry) ? entry : throw new SafetensorsException(Path, $"has no tensor '{name}'");

    /// <summary>Reads bytes [<paramref name="offset"/>, offset + length of <paramref name="destination"/>) of a tensor.</summary>
    public void Read(SafetensorsEntry entry, long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + destination.Length, entry.Bytes);
        if (!Fill(_handle, destination, Head.Length + entry.Offset + offset))
        {
            throw new SafetensorsException(Path, $"the file ends inside tensor '{entry.Name}'");
        }
    }

    /// <summary>Reads a whole tensor of any size into memory of exactly <paramref name="bytes"/> bytes.</summary>
    public unsafe void Read(SafetensorsEntry entry, nint destination, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes, entry.Bytes);
        for (long done = 0; done < bytes; done += LargestRead)
        {
            Read(entry, done, new Span<byte>((byte*)destination + done, (int)Math.Min(LargestRead, bytes - done)));
        }
    }

    public void Dispose() => _handle.Dispose();

    static bool Fill(SafeFileHandle handle, Span<byte> destination, long position)
    {
        while (!destination.IsEmpty)
        {
            var read = RandomAccess.Read(handle, destination, position);
            if (read == 0)
            {
                return false;
            }
            destination = destination[read..];
            position += read;
        }
        return true;
    }
}
