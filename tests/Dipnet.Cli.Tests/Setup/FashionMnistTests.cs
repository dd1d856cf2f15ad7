using Dipnet.Cli.Hosting;
using Dipnet.Cli.Setup;

namespace Dipnet.Cli.Tests.Setup;

public sealed class FashionMnistTests : IDisposable
{
    private static readonly string[] Names = ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"];

    private readonly string _folder = Directory.CreateTempSubdirectory("dipnet-test-").FullName;

    private string System => Path.Combine(_folder, "system");

    private string Cache => Path.Combine(_folder, "cache");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Ensure_InTheSystemFolder_DoesNothing()
    {
        Fill(System);

        await new FashionMnist(System, Cache, Never, NoDownload).EnsureAsync(_ => Assert.Fail("says nothing"), CancellationToken.None);
    }

    [Fact]
    public async Task Ensure_AsRoot_InstallsThePackage()
    {
        var said = new List<string>();

        await new FashionMnist(System, Cache, () => Fill(System), NoDownload).EnsureAsync(said.Add, CancellationToken.None);

        Assert.Contains(FashionMnist.Package, Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ensure_WithoutAnything_SaysHowToGetIt()
    {
        var set = new FashionMnist(System, Cache, null, NoDownload);

        var exception = await Assert.ThrowsAsync<CommandException>(() => set.EnsureAsync(_ => { }, CancellationToken.None));

        Assert.Equal(ExitCode.Missing, exception.Code);
        Assert.Contains("apt-get install dataset-fashion-mnist", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ensure_WrongContent_IsNeverGivenItsName()
    {
        var content = new MemoryStream();
        await using (var gzip = new global::System.IO.Compression.GZipStream(content, global::System.IO.Compression.CompressionMode.Compress))
        {
            gzip.Write("not images"u8);
        }

        var set = new FashionMnist(System, Cache, null, (_, _) => Task.FromResult(content.ToArray()));
        var exception = await Assert.ThrowsAsync<CommandException>(() => set.EnsureAsync(_ => { }, CancellationToken.None));

        Assert.Contains("SHA-256", exception.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Cache));
    }

    [Fact]
    public async Task Ensure_RightContent_IsCached()
    {
        const string Package = "/usr/share/datasets/fashion-mnist";
        if (!Directory.Exists(Package))
        {
            Assert.True(Environment.GetEnvironmentVariable("CI") is null, $"{Package} is missing: install {FashionMnist.Package}");
            Console.WriteLine($"left out: {Package} is not here");
            return;
        }

        var set = new FashionMnist(System, Cache, null, (name, cancellation) => File.ReadAllBytesAsync(Path.Combine(Package, name), cancellation));
        await set.EnsureAsync(_ => { }, CancellationToken.None);

        Assert.Equal(Names.Order(), Directory.GetFiles(Cache).Select(file => Path.GetFileName(file)).Order());
    }

    private static bool Never() => throw new InvalidOperationException("must not install");

    private static Task<byte[]> NoDownload(string name, CancellationToken cancellation) => throw new HttpRequestException($"{name}: no network");

    private static bool Fill(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var name in Names)
        {
            File.WriteAllText(Path.Combine(folder, name), "");
        }

        return true;
    }
}
