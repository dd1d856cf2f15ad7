using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Dipnet.Worker.Data;

namespace Dipnet.Worker.Language;

/// <summary>
/// Packed rows on disk, four bytes a token, so that a data set may be larger than memory: the id in the low 30 bits, above it a bit for the first token of a
/// document and one for a target. The file is unlinked once it is mapped: nothing is left behind, however the process ends.
/// </summary>
internal sealed class PackedFile : ISequenceSet, IDisposable
{
    private const uint Target = 1u << 31;
    private const uint Start = 1u << 30;

    private readonly int _length;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    private PackedFile(MemoryMappedFile file, int length, int count)
    {
        (_file, _length, Count) = (file, length, count);
        _view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
    }

    public int Count { get; }

    public PackedSequence this[int id]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)Count);
            var words = new uint[_length];
            _view.ReadArray((long)id * _length * sizeof(uint), words, 0, _length);
            var row = new PackedSequence(new int[_length], new bool[_length], new int[_length]);
            var document = -1;
            for (var i = 0; i < _length; i++)
            {
                document += (words[i] & Start) != 0 ? 1 : 0;
                (row.Tokens[i], row.Targets[i], row.Documents[i]) = ((int)(words[i] & (Start - 1)), (words[i] & Target) != 0, document);
            }

            return row;
        }
    }

    /// <summary>Reads all rows once and keeps them; null when there are none.</summary>
    /// <exception cref="DataException">The temporary folder does not take them.</exception>
    public static PackedFile? Write(IEnumerable<PackedSequence> rows, int context)
    {
        var path = Path.Combine(Path.GetTempPath(), $"dipnet-{Guid.NewGuid():N}.packed");
        var count = 0;
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 20);
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Full(e);
        }

        try
        {
            var words = new uint[context + 1];
            foreach (var row in rows)
            {
                for (var i = 0; i < words.Length; i++)
                {
                    var first = i == 0 || row.Documents[i] != row.Documents[i - 1];
                    words[i] = (uint)row.Tokens[i] | (first ? Start : 0) | (row.Targets[i] ? Target : 0);
                }

                Append(stream, words);
                count = checked(count + 1);
            }

            if (count == 0)
            {
                stream.Dispose();
                return null;
            }

            stream.Flush();
            return new PackedFile(
                MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false), context + 1, count);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private static void Append(FileStream stream, uint[] words)
    {
        try
        {
            stream.Write(MemoryMarshal.AsBytes<uint>(words));
        }
        catch (IOException e)
        {
            throw Full(e);
        }
    }

    private static DataException Full(Exception e) =>
        new($"the packed tokens cannot be kept in {Path.GetTempPath()}: {e.Message}; free space there or set TMPDIR to a folder with room");
}
