namespace Dipnet.Worker.Data;

/// <summary>CIFAR-10 in its binary form: records of a label and 32 × 32 pixels, red, green, blue plane.</summary>
internal static class CifarFile
{
    private const int Record = 3073;

    /// <summary>All <paramref name="paths"/> one after the other as one set.</summary>
    public static ImageSet Read(IReadOnlyList<string> paths)
    {
        var contents = paths.Select(File.ReadAllBytes).ToArray();
        var count = contents.Sum(c => c.Length / Record);
        var pixels = new byte[count * (Record - 1)];
        var labels = new byte[count];
        var n = 0;
        for (var f = 0; f < contents.Length; f++)
        {
            if (contents[f].Length == 0 || contents[f].Length % Record != 0)
            {
                throw new DataException($"{paths[f]}: {contents[f].Length} bytes, must be a positive multiple of {Record} (label and 3 × 32 × 32 pixels)");
            }

            for (var at = 0; at < contents[f].Length; at += Record, n++)
            {
                labels[n] = contents[f][at];
                if (labels[n] > 9)
                {
                    throw new DataException($"{paths[f]}: label {labels[n]} of record {at / Record} must be 0 to 9");
                }

                contents[f].AsSpan(at + 1, Record - 1).CopyTo(pixels.AsSpan(n * (Record - 1)));
            }
        }

        return new ImageSet(3, 32, 32, 10, 255, pixels, labels);
    }
}
