using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Dipnet.Modules.Files;

/// <summary>
/// Writes one safetensors file from front to back and hashes it on the way. The header is written first, so names, types and shapes are
/// given at creation; the bytes of the tensors follow in that order, in pieces of any size. Not thread-safe.
/// </summary>
public sealed class SafetensorsWriter : IDisposable
{
    const int LargestWrite = 4 << 20;      // the hash and the disk see a piece while it is in the cache

    readonly SafeFileHandle _handle;
    readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    readonly string _path;
    Task _hashing = Task.CompletedTask;
    long _position;
    bool _complete;

    SafetensorsWriter(string path, SafeFileHandle handle, IReadOnlyList<SafetensorsEntry> entries)
    {
        (_path, _handle, Entries) = (path, handle, entries);
    }

    /// <summary>Tensors with the offsets that they get.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries { get; }

    /// <summary>Bytes of the whole file, header included.</summary>
    public long FileBytes { get; private set; }

    /// <summary>Creates (or replaces) the file and writes its header.</summary>
    /// <exception cref="SafetensorsException">A name is used twice or a shape is negative or too large.</exception>
    public static SafetensorsWriter Create(
        string path, IEnumerable<(string Name, SafetensorsType Type, IReadOnlyList<long> Shape)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var entries = new List<SafetensorsEntry>();
        var names = new HashSet<string> { "__metadata__" };
        long offset = 0;
        foreach (var (name, type, shape) in tensors)
        {
            if (!names.Add(name))
            {
                throw new SafetensorsException(path, $"tensor name '{name}' is used twice or reserved");
            }
            if (shape.Any(static e => e < 0) || SafetensorsHeader.ByteLength(type, shape) is not { } bytes || bytes > long.MaxValue - offset)
            {
                throw new SafetensorsException(path, $"tensor '{name}': shape [{string.Join(", ", shape)}] is negative or too large");
            }
            entries.Add(new SafetensorsEntry(name, type, [.. shape], offset, bytes));
            offset += bytes;
        }
        var head = SafetensorsHeader.Format(entries, metadata);
        if (head.Length - 8 > SafetensorsHeader.MaximumBytes)
        {
            throw new SafetensorsException(path, $"a header of {head.Length - 8} bytes is longer than the format allows ({SafetensorsHeader.MaximumBytes})");
        }
        var handle = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.None, FileOptions.None, head.Length + offset);
        var writer = new SafetensorsWriter(path, handle, entries) { FileBytes = head.Length + offset };
        writer.Append(head);
        return writer;
    }

    /// <summary>Appends the next bytes of the data.</summary>
    public void Write(ReadOnlySpan<byte> data)
    {
        if (data.Length > FileBytes - _position)
        {
            throw new SafetensorsException(_path, $"{data.Length} bytes were given where {FileBytes - _position} are left");
        }
        Append(data);
    }

    /// <summary>Appends <paramref name="bytes"/> bytes at <paramref name="source"/>; more than 2 GiB are fine.</summary>
    public unsafe void Write(nint source, long bytes)
    {
        for (long done = 0; done < bytes; done += LargestWrite)
        {
            Write(new ReadOnlySpan<byte>((byte*)source + done, (int)Math.Min(LargestWrite, bytes - done)));
        }
    }

    /// <summary>
    /// As <see cref="Write(nint, long)"/>, with the hash computed on another thread while the disk takes the bytes: they must stay as they are until
    /// <see cref="Complete"/> or <see cref="Dispose"/> has returned.
    /// </summary>
    public unsafe void WriteHeld(nint source, long bytes)
    {
        if (bytes > FileBytes - _position)
        {
            throw new SafetensorsException(_path, $"{bytes} bytes were given where {FileBytes - _position} are left");
        }
        var before = _hashing;
        _hashing = Task.Run(() =>
        {
            before.GetAwaiter().GetResult();
            for (long done = 0; done < bytes; done += LargestWrite)
            {
                _hash.AppendData(new ReadOnlySpan<byte>((byte*)source + done, (int)Math.Min(LargestWrite, bytes - done)));
            }
        });
        for (long done = 0; done < bytes; done += LargestWrite)
        {
            Put(new ReadOnlySpan<byte>((byte*)source + done, (int)Math.Min(LargestWrite, bytes - done)));
        }
    }

    /// <summary>Ends the file and flushes it to the disk.</summary>
    /// <returns>SHA-256 of the whole file, lower-case hexadecimal.</returns>
    /// <exception cref="SafetensorsException">Bytes are missing.</exception>
    public string Complete()
    {
        if (_position != FileBytes)
        {
            throw new SafetensorsException(_path, $"{FileBytes - _position} bytes of data were not written");
        }
        RandomAccess.FlushToDisk(_handle);
        _hashing.GetAwaiter().GetResult();
        _complete = true;
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    /// <summary>Closes the file; one that was not completed is deleted.</summary>
    public void Dispose()
    {
        _hashing.GetAwaiter().GetResult();
        _handle.Dispose();
        _hash.Dispose();
        if (!_complete)
        {
            File.Delete(_path);
        }
    }

    void Append(ReadOnlySpan<byte> data)
    {
        _hashing.GetAwaiter().GetResult();
        while (!data.IsEmpty)
        {
            var piece = data[..Math.Min(LargestWrite, data.Length)];
            _hash.AppendData(piece);
            Put(piece);
            data = data[piece.Length..];
        }
    }

    void Put(ReadOnlySpan<byte> piece)
    {
        RandomAccess.Write(_handle, piece, _position);
        _position += piece.Length;
    }
}
