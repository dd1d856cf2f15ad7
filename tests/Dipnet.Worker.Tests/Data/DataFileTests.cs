using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Dipnet.Protos;
using Dipnet.Worker.Data;

namespace Dipnet.Worker.Tests.Data;

public sealed class DataFileTests
{
    [Fact]
    public void Digits_Embedded_HasAllSamplesSplitFixedly()
    {
        var set = DigitsFile.Embedded();
        Assert.Equal(1797, set.Training.Count + set.Test.Count);
        Assert.Equal(359, set.Test.Count);
        Assert.Equal((1, 8, 8, 10), (set.Training.Channels, set.Training.Height, set.Training.Width, set.Training.Classes));
        var (pixels, labels) = (new float[64], new long[1]);
        set.Training.Fill([0], pixels, labels);
        Assert.Equal(0, labels[0]);
        Assert.Equal(5 / 16f, pixels[2]);
        Assert.All(pixels, p => Assert.InRange(p, 0f, 1f));
    }

    [Theory]
    [InlineData("1,2,3\n", "line 1")]
    [InlineData("17,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0\n", "column 1")]
    [InlineData("", "no rows")]
    public void Digits_BadContent_NamesTheLine(string content, string expected)
    {
        var error = Assert.Throws<DataException>(() => DigitsFile.Read(Gzip(Encoding.ASCII.GetBytes(content)), "d.csv.gz"));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Idx_GoodFiles_AreReadPlainAndCompressed()
    {
        using var folder = new TestFolder();
        var images = folder.Write("i", [.. Words(2051, 2, 2, 2), 1, 2, 3, 4, 5, 6, 7, 255]);
        var labels = folder.Write("l.gz", Gzip([.. Words(2049, 2), 3, 9]).ToArray());
        var set = IdxFile.Read(images, labels);
        var (pixels, values) = (new float[4], new long[1]);
        set.Fill([1], pixels, values);
        Assert.Equal(9, values[0]);
        Assert.Equal(1f, pixels[3]);
    }

    [Fact]
    public void Idx_BadFiles_AreRefusedWithFileAndRule()
    {
        using var folder = new TestFolder();
        var images = folder.Write("images", [.. Words(2051, 1, 1, 1), 7]);
        var labels = folder.Write("labels", [.. Words(2049, 1), 7]);
        Refused(folder.Write("magic", [.. Words(2052, 1, 1, 1), 7]), labels, "2052");
        Refused(folder.Write("short", [.. Words(2051, 2, 1, 1), 7]), labels, "17 bytes");
        Refused(folder.Write("tiny", [1, 2]), labels, "2 bytes");
        Refused(images, folder.Write("count", [.. Words(2049, 2), 7, 7]), "2 labels");
        Refused(images, folder.Write("label", [.. Words(2049, 1), 10]), "label 10");
        Refused(folder.Write("torn", Gzip([.. Words(2051, 1, 1, 1), 7]).ToArray().AsSpan(0, 12)), labels, "torn");
    }

    [Fact]
    public void Cifar_GoodAndBadFiles_AreToldApart()
    {
        using var folder = new TestFolder();
        var record = new byte[3073 * 2];
        record[0] = 4;
        record[1] = 255;
        record[3073] = 9;
        var set = CifarFile.Read([folder.Write("ok", record)]);
        Assert.Equal(2, set.Count);
        Assert.Equal((3, 32), (set.Channels, set.Height));
        record[3073] = 10;
        Assert.Contains("label 10", Assert.Throws<DataException>(() => CifarFile.Read([folder.Write("label", record)])).Message, StringComparison.Ordinal);
        Assert.Contains("3073", Assert.Throws<DataException>(() => CifarFile.Read([folder.Write("short", record.AsSpan(1))])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cifar_RealRecords_HaveAllLabels()
    {
        if (SharedData("cifar10/data_batch_1_first4000.bin") is not { } path)
        {
            return;
        }

        var set = DataSets.Open(new DataSpec { Name = "cifar10", Path = path });
        Assert.Equal((3200, 800), (set.Training.Count, set.Test.Count));
        Assert.Equal(10, set.Training.Labels.ToArray().Distinct().Count());
    }

    [Fact]
    public void Open_MissingFiles_SaysWhereItLooked()
    {
        using var folder = new TestFolder();
        var error = Assert.Throws<DataException>(() => DataSets.Open(new DataSpec { Name = "fashion-mnist", Path = folder.Path }));
        Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains("data.path", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Limit_KeepsTheFirstTrainingSamples()
    {
        var set = DataSets.Open(new DataSpec { Name = "digits", Limit = 100 });
        Assert.Equal((100, 359), (set.Training.Count, set.Test.Count));
    }

    private static void Refused(string images, string labels, string expected) =>
        Assert.Contains(expected, Assert.Throws<DataException>(() => IdxFile.Read(images, labels)).Message, StringComparison.Ordinal);

    private static byte[] Words(params int[] words)
    {
        var bytes = new byte[words.Length * 4];
        for (var i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 * i), words[i]);
        }

        return bytes;
    }

    private static MemoryStream Gzip(byte[] content)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return new MemoryStream(packed.ToArray());
    }

    private static string? SharedData(string file)
    {
        var root = Environment.GetEnvironmentVariable("DIPNET_TEST_DATA");
        if (!string.IsNullOrEmpty(root))
        {
            return Path.Combine(root, file);
        }

        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", "DIPNET_TEST_DATA must name the test data in CI");
        Console.WriteLine($"DIPNET_TEST_DATA is not set: {file} not tested");
        return null;
    }
}
