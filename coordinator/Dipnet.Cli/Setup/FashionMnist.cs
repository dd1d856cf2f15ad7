using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using Dipnet.Cli.Hosting;

namespace Dipnet.Cli.Setup;

/// <summary>
/// Makes Fashion-MNIST be there: found in the Debian package's folder or the cache, else installed through apt where the user is root, else
/// downloaded to the cache. The checked SHA-256 is that of the unpacked content, because packers differ.
/// </summary>
internal sealed class FashionMnist(string systemFolder, string cacheFolder, Func<bool>? installPackage, Func<string, CancellationToken, Task<byte[]>> download)
{
    public const string Package = "dataset-fashion-mnist";

    private static readonly Uri Source = new("https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/");
    private static readonly TimeSpan DownloadTime = TimeSpan.FromMinutes(3);

    private static readonly (string Name, string Sha256)[] Files =
    [
        ("train-images-idx3-ubyte.gz", "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
        ("train-labels-idx1-ubyte.gz", "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
        ("t10k-images-idx3-ubyte.gz", "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
        ("t10k-labels-idx1-ubyte.gz", "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
    ];

    public static FashionMnist OfThisMachine() => new(
        "/usr/share/datasets/fashion-mnist",
        Path.Combine(DataFolders.Cache, "fashion-mnist"),
        Environment.IsPrivilegedProcess ? InstallThroughApt : null,
        async (name, cancellation) =>
        {
            using var client = new HttpClient { Timeout = DownloadTime };
            return await client.GetByteArrayAsync(new Uri(Source, name), cancellation);
        });

    /// <exception cref="CommandException">It cannot be had; the message says how to get it.</exception>
    public async Task EnsureAsync(Action<string> say, CancellationToken cancellation)
    {
        if (IsIn(systemFolder) || IsIn(cacheFolder))
        {
            return;
        }

        if (installPackage is not null)
        {
            say($"installing the Debian package {Package} …");
            if (installPackage() && IsIn(systemFolder))
            {
                return;
            }
        }

        say($"downloading Fashion-MNIST to {cacheFolder} …");
        try
        {
            await DownloadAsync(cancellation);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException or UnauthorizedAccessException
            || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new CommandException(ExitCode.Missing,
                $"Fashion-MNIST is not here and could not be downloaded ({exception.Message}): `apt-get install {Package}` as root, or put its four .gz files into {cacheFolder}");
        }
    }

    private static bool IsIn(string folder) => Files.All(file => File.Exists(Path.Combine(folder, file.Name)));

    private async Task DownloadAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(cacheFolder);
        foreach (var (name, sha256) in Files)
        {
            var content = await download(name, cancellation);
            await using var unpacked = new GZipStream(new MemoryStream(content), CompressionMode.Decompress);
            var found = Convert.ToHexStringLower(await SHA256.HashDataAsync(unpacked, cancellation));
            if (found != sha256)
            {
                throw new InvalidDataException($"{name}: unpacked SHA-256 {found}, must be {sha256}");
            }

            // A name is only ever given to a whole, checked file.
            var partial = Path.Combine(cacheFolder, $".{name}.{Environment.ProcessId}");
            await File.WriteAllBytesAsync(partial, content, cancellation);
            File.Move(partial, Path.Combine(cacheFolder, name), overwrite: true);
        }
    }

    private static bool InstallThroughApt() =>
        File.Exists("/usr/bin/apt-get") && (Apt("install") || (Apt("update") && Apt("install")));

    private static bool Apt(string verb)
    {
        string[] arguments = verb == "install" ? ["install", "-y", "-qq", "--no-install-recommends", Package] : ["update", "-qq"];
        var start = new ProcessStartInfo("/usr/bin/apt-get", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DEBIAN_FRONTEND"] = "noninteractive" },
        };
        using var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
