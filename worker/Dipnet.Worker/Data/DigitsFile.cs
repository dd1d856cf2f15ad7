using System.Globalization;
using System.IO.Compression;

namespace Dipnet.Worker.Data;

/// <summary>
/// The UCI digits as CSV (gzip): 64 pixels 0 … 16 row by row, then the label; 1797 rows, no header. Every fifth row (4, 9, 14, …) is a test sample.
/// </summary>
internal static class DigitsFile
{
    private const int Columns = 65;

    public static DataSet Embedded()
    {
        using var stream = typeof(DigitsFile).Assembly.GetManifestResourceStream("digits.csv.gz")
            ?? throw new DataException("digits.csv.gz is not embedded in this build");
        return Read(stream, "digits.csv.gz (embedded)");
    }

    public static DataSet Read(Stream compressed, string name)
    {
        var pixels = new List<byte>(1797 * 64);
        var labels = new List<byte>(1797);
        try
        {
            using var reader = new StreamReader(new GZipStream(compressed, CompressionMode.Decompress));
            for (var line = 1; reader.ReadLine() is { } text; line++)
            {
                Add(text, name, line, pixels, labels);
            }
        }
        catch (InvalidDataException e)
        {
            throw new DataException($"{name}: not a gzip file ({e.Message})");
        }

        if (labels.Count == 0)
        {
            throw new DataException($"{name}: no rows");
        }

        var all = new ImageSet(1, 8, 8, 10, 16, pixels.ToArray(), labels.ToArray());
        var rows = Enumerable.Range(0, all.Count).ToArray();
        return new DataSet(all.Select(rows.Where(i => i % 5 != 4).ToArray()), all.Select(rows.Where(i => i % 5 == 4).ToArray()));
    }

    private static void Add(string text, string name, int line, List<byte> pixels, List<byte> labels)
    {
        var fields = text.Split(',');
        if (fields.Length != Columns)
        {
            throw new DataException($"{name}, line {line}: {fields.Length} columns, must be {Columns} (64 pixels and the label)");
        }

        for (var i = 0; i < Columns; i++)
        {
            var most = i < 64 ? 16 : 9;
            if (!byte.TryParse(fields[i], NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value > most)
            {
                throw new DataException($"{name}, line {line}, column {i + 1}: \"{fields[i]}\" must be an integer from 0 to {most}");
            }

            (i < 64 ? pixels : labels).Add(value);
        }
    }
}
