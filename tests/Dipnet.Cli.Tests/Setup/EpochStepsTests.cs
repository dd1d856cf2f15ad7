using System.Buffers.Binary;
using System.IO.Compression;
using Dipnet.Cli.Hosting;
using Dipnet.Cli.Setup;
using Dipnet.Protos;

namespace Dipnet.Cli.Tests.Setup;

public sealed class EpochStepsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dipnet-data-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Resolve_IdxFolder_CountsTheHeadersImages(bool packed)
    {
        var header = new byte[16];
        BinaryPrimitives.WriteInt32BigEndian(header, 2051);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), 1001);
        Write(packed ? "train-images-idx3-ubyte.gz" : "train-images-idx3-ubyte", header, packed);

        var job = Job("mnist", _folder, epochs: 3, batch: 100);
        EpochSteps.Resolve(job, stepsGiven: false);

        Assert.Equal((31u, 0u), (job.Steps, job.Epochs));
    }

    [Fact]
    public void Resolve_Limit_IsTheMostThatCounts()
    {
        Write("digits.csv.gz", string.Concat(Enumerable.Repeat("0,1\n", 100)).Select(c => (byte)c).ToArray(), packed: true);
        var whole = Job("digits", _folder, epochs: 1, batch: 10);
        var part = Job("digits", _folder, epochs: 1, batch: 10);
        part.Data.Limit = 25;
        EpochSteps.Resolve(whole, stepsGiven: false);
        EpochSteps.Resolve(part, stepsGiven: false);

        Assert.Equal((8u, 3u), (whole.Steps, part.Steps));
    }

    [Theory]
    [InlineData(true, 20u)]
    [InlineData(false, 16u)]
    public void Resolve_CifarFolder_CountsRecordsAndLeavesTheTestPartOut(bool withTest, uint steps)
    {
        Write("data_batch_1.bin", new byte[3073 * 12], packed: false);
        Write("data_batch_2.bin", new byte[3073 * 8], packed: false);
        if (withTest)
        {
            Write("test_batch.bin", new byte[3073], packed: false);
        }

        var job = Job("cifar10", _folder, epochs: 1, batch: 1);
        EpochSteps.Resolve(job, stepsGiven: false);

        Assert.Equal(steps, job.Steps);
    }

    [Fact]
    public void Resolve_StepsGivenOrNoPath_LeavesTheJob()
    {
        foreach (var (job, given) in new[] { (Job("mnist", _folder, 0, 10), true), (Job("mnist", "", 2, 10), false) })
        {
            var before = job.Clone();
            EpochSteps.Resolve(job, given);
            Assert.Equal(before, job);
        }
    }

    [Theory]
    [InlineData("mnist")]
    [InlineData("digits")]
    [InlineData("cifar10")]
    public void Resolve_FilesThatAreNotHere_IsRefusedWithTheRule(string set)
    {
        var exception = Assert.Throws<CommandException>(() => EpochSteps.Resolve(Job(set, _folder, 2, 10), stepsGiven: false));

        Assert.Equal(ExitCode.Configuration, exception.Code);
        Assert.Contains("epochs = 2", exception.Message, StringComparison.Ordinal);
        Assert.Contains("give steps", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_FileOfAnotherFormat_IsRefused()
    {
        Write("train-images-idx3-ubyte", new byte[16], packed: false);

        Assert.Contains("not an idx file", Assert.Throws<CommandException>(() => EpochSteps.Resolve(Job("mnist", _folder, 2, 10), false)).Message, StringComparison.Ordinal);
    }

    private static JobSpec Job(string set, string path, uint epochs, uint batch) => new() { Data = new DataSpec { Name = set, Path = path }, Epochs = epochs, Steps = 999, GlobalBatch = batch };

    private void Write(string name, byte[] content, bool packed)
    {
        using var file = File.Create(Path.Combine(_folder, name));
        using System.IO.Stream target = packed ? new GZipStream(file, CompressionMode.Compress) : file;
        target.Write(content);
    }
}
