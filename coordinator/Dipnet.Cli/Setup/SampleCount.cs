using System.Buffers.Binary;
using System.IO.Compression;

namespace Dipnet.Cli.Setup;

/// <summary>
/// Counts the training samples of an image data set that a job names by <c>data.path</c>, from headers and sizes where the format has them. Which files it takes and
/// which samples are for tests is as the worker has it.
/// </summary>
internal static class SampleCount
{
    private const int CifarRecord = 3073;

    /// <param name="set">data.name.</param>
    /// <param name="path">data.path.</param>
    /// <returns>Null when the files are not there.</returns>
    /// <exception cref="InvalidDataException">A file is not of the set's format.</exception>
    public static long? Training(string set, string path) => set switch
    {
        "digits" => Digits(path),
        "mnist" or "fashion-mnist" => Idx(path),
        "cifar10" => Cifar(path),
        _ => null,
    };

    // Every fifth row is a test sample.
    private static long? Digits(string path)
    {
        if (First(path, Path.Combine(path, "digits.csv.gz")) is not { } file)
        {
            return null;
        }

        using var reader = new StreamReader(Open(file));
        var rows = 0L;
        while (reader.ReadLine() is not null)
        {
            rows++;
        }

        return rows - rows / 5;
    }

    private static long? Idx(string path)
    {
        const int Magic = 2051;
        var name = Path.Combine(path, "train-images-idx3-ubyte");
        if (First(name + ".gz", name) is not { } file)
        {
            return null;
        }

        var header = new byte[8];
        using var content = Open(file);
        var read = content.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        return read == header.Length && BinaryPrimitives.ReadInt32BigEndian(header) == Magic
            ? BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4))
            : throw new InvalidDataException($"{file} is not an idx file of images");
    }

    // A single file, or a folder without test_batch.bin, is split: its last fifth is the test set.
    private static long? Cifar(string path)
    {
        if (File.Exists(path))
        {
            var records = new FileInfo(path).Length / CifarRecord;
            return records - records / 5;
        }

        foreach (var folder in new[] { path, Path.Combine(path, "cifar-10-batches-bin") }.Where(Directory.Exists))
        {
            if (Directory.GetFiles(folder, "data_batch_*.bin") is { Length: > 0 } files)
            {
                var records = files.Sum(file => new FileInfo(file).Length / CifarRecord);
                return File.Exists(Path.Combine(folder, "test_batch.bin")) ? records : records - records / 5;
            }
        }

        return null;
    }

    private static string? First(params string[] files) => files.FirstOrDefault(File.Exists);

    private static Stream Open(string file)
    {
        var raw = File.OpenRead(file);
        var gzip = raw.ReadByte() == 0x1f && raw.ReadByte() == 0x8b;
        raw.Position = 0;
        return gzip ? new GZipStream(raw, CompressionMode.Decompress) : raw;
    }
}
