using System.Buffers.Binary;
using System.IO.Compression;

namespace Dipnet.Worker.Data;

/// <summary>The idx format of MNIST and Fashion-MNIST, plain or gzip: big-endian magic, counts, then bytes.</summary>
internal static class IdxFile
{
    private const int ImagesMagic = 2051;
    private const int LabelsMagic = 2049;

    public static ImageSet Read(string imagesPath, string labelsPath)
    {
        var images = Content(imagesPath);
        var labels = Content(labelsPath);
        Check(images, imagesPath, ImagesMagic, 16);
        Check(labels, labelsPath, LabelsMagic, 8);
        var (count, rows, columns) = (Word(images, 1), Word(images, 2), Word(images, 3));
        if (count < 1 || rows is < 1 or > 4096 || columns is < 1 or > 4096)
        {
            throw new DataException($"{imagesPath}: header says {count} images of {rows} × {columns}; each must be positive and a side at most 4096");
        }

        if (images.LongLength != 16 + (long)count * rows * columns)
        {
            throw new DataException($"{imagesPath}: {images.LongLength} bytes, the header's {count} images of {rows} × {columns} need {16 + (long)count * rows * columns}");
        }

        if (Word(labels, 1) != count || labels.LongLength != 8 + count)
        {
            throw new DataException($"{labelsPath}: {Word(labels, 1)} labels in {labels.LongLength} bytes, {imagesPath} has {count} images");
        }

        var bad = Array.FindIndex(labels, 8, label => label > 9);
        return bad < 0
            ? new ImageSet(1, rows, columns, 10, 255, images.AsMemory(16), labels.AsMemory(8))
            : throw new DataException($"{labelsPath}: label {labels[bad]} of sample {bad - 8} must be 0 to 9");
    }

    private static void Check(byte[] content, string path, int magic, int header)
    {
        if (content.Length < header)
        {
            throw new DataException($"{path}: {content.Length} bytes, the header alone has {header}");
        }

        if (Word(content, 0) != magic)
        {
            throw new DataException($"{path}: magic number {Word(content, 0)}, must be {magic}");
        }
    }

    private static int Word(byte[] content, int index) => BinaryPrimitives.ReadInt32BigEndian(content.AsSpan(4 * index));

    private static byte[] Content(string path)
    {
        var raw = File.ReadAllBytes(path);
        if (raw is not [0x1f, 0x8b, ..])
        {
            return raw;
        }

        try
        {
            using var unpacked = new MemoryStream();
            using (var gzip = new GZipStream(new MemoryStream(raw), CompressionMode.Decompress))
            {
                gzip.CopyTo(unpacked);
            }

            return unpacked.ToArray();
        }
        catch (InvalidDataException e)
        {
            throw new DataException($"{path}: damaged gzip file ({e.Message})");
        }
    }
}
