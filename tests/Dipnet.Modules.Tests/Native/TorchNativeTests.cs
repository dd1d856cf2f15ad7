using System.Runtime.InteropServices;
using TorchSharp;

namespace Dipnet.Modules.Tests.Native;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class TorchNativeTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("dipnet-tests-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Version_PackageOfTheTests_IsWhatTorchSharpIsBuiltFor()
    {
        TorchNative.Load();
        Assert.Equal(new Version(2, 10, 0), TorchNative.Version());
    }

    [Fact]
    public void Load_Again_ReturnsAtOnce()
    {
        TorchNative.Load();
        Assert.True(File.Exists(Path.Combine(TorchNative.LibTorchFolder!, "libtorch_cpu.so")));
        using var two = torch.ones(2).sum();
        Assert.Equal(2, two.item<float>());
    }

    [Fact]
    public void FindLibTorch_VariableNamesAFolderWithoutIt_SaysSo()
    {
        var message = Assert.Throws<TorchNativeException>(() => TorchNative.FindLibTorch(folder.FullName, "/app", "/configured")).Message;
        Assert.Contains($"DIPNET_LIBTORCH={folder.FullName}", message);
        Assert.Contains("libtorch_cpu.so", message);
    }

    [Fact]
    public void FindLibTorch_NowhereFound_NamesEveryPlace()
    {
        var message = Assert.Throws<TorchNativeException>(() => TorchNative.FindLibTorch(null, "/app", "/configured")).Message;
        Assert.Contains("/app/runtimes/linux-x64/native", message);
        Assert.Contains("/configured", message);
    }

    [Fact]
    public void FindLibTorch_SeveralPlaces_PrefersVariableThenApplicationThenConfiguration()
    {
        string Place(string name)
        {
            var place = Directory.CreateDirectory(Path.Combine(folder.FullName, name)).FullName;
            File.WriteAllBytes(Path.Combine(place, "libtorch_cpu.so"), []);
            return place;
        }
        var (variable, application, runtimes, configured) = (Place("variable"), Place("app"), Place("other/runtimes/linux-x64/native"), Place("configured"));
        Assert.Equal(variable, TorchNative.FindLibTorch(variable, application, configured));
        Assert.Equal(application, TorchNative.FindLibTorch(null, application, configured));
        Assert.Equal(runtimes, TorchNative.FindLibTorch("", Path.Combine(folder.FullName, "other"), configured));
        Assert.Equal(configured, TorchNative.FindLibTorch(null, "/nowhere", configured));
    }

    [Fact]
    public void MissingVersion_LoadersMessage_IsTheVersion()
    {
        Assert.Equal("GLIBCXX_3.4.32", TorchNative.MissingVersion("/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /x/libLibTorchSharp.so)"));
        Assert.Null(TorchNative.MissingVersion("cannot open shared object file"));
    }

    [Fact]
    public void Weaken_TorchSharpsLibrary_MarksTheOneNeedAndNothingElse()
    {
        var library = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so"));
        var patched = library.ToArray();
        Assert.Equal(1, ElfVersionNeeds.Weaken(patched, "GLIBCXX_3.4.32"));
        Assert.Equal(1, library.Zip(patched).Count(p => p.First != p.Second));
        Assert.Equal(0, ElfVersionNeeds.Weaken(library.ToArray(), "GLIBCXX_9.9.99"));
        Assert.Throws<BadImageFormatException>(() => ElfVersionNeeds.Weaken(new byte[100], "GLIBCXX_3.4.32"));
    }

    [Fact]
    public void TryStore_SameBytes_ReusesTheFileAndReplacesADamagedOne()
    {
        byte[] image = [1, 2, 3, 4];
        var first = PatchedLibrary.TryStore(image, "lib.so", folder.FullName)!;
        var written = File.GetLastWriteTimeUtc(first);
        Assert.Equal(first, PatchedLibrary.TryStore(image, "lib.so", folder.FullName));
        Assert.Equal(written, File.GetLastWriteTimeUtc(first));
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path.GetDirectoryName(first)!) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));

        File.WriteAllBytes(first, [9]);
        Assert.Equal(first, PatchedLibrary.TryStore(image, "lib.so", folder.FullName));
        Assert.Equal(image, File.ReadAllBytes(first));
        Assert.NotEqual(first, PatchedLibrary.TryStore([5], "lib.so", folder.FullName));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(first)!));
    }

    [Fact]
    public void TryStore_FolderThatOthersCanWrite_IsNotTrusted()
    {
        byte[] image = [1, 2, 3, 4];
        var path = PatchedLibrary.TryStore(image, "lib.so", folder.FullName)!;
        File.SetUnixFileMode(Path.GetDirectoryName(path)!, (UnixFileMode)0b111_111_111);
        Assert.Null(PatchedLibrary.TryStore(image, "lib.so", folder.FullName));
    }

    [Fact]
    public unsafe void BlobTensor_OverNativeMemory_SharesIt()
    {
        var memory = (float*)NativeMemory.AlignedAlloc(24 * sizeof(float), 64);
        try
        {
            new Span<float>(memory, 24).Fill(1);
            using var tensor = BlobTensor.FromPointer((nint)memory, [2, 3, 4]);
            Assert.Equal([2, 3, 4], tensor.shape);
            Assert.Equal((nint)memory, BlobTensor.Pointer(tensor));
            tensor[1, 2, 3] = torch.tensor(5f);
            Assert.Equal(5, memory[23]);
            using var part = tensor[1];
            Assert.Equal((nint)(memory + 12), BlobTensor.Pointer(part));
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    [Fact]
    public void Autocast_Nested_RestoresWhatWasBefore()
    {
        using var scope = torch.NewDisposeScope();
        var linear = torch.nn.Linear(4, 4);
        var x = torch.ones(2, 4);
        using (new Autocast(DeviceType.CPU))
        {
            using (new Autocast(DeviceType.CPU, torch.ScalarType.Float16))
                Assert.Equal(torch.ScalarType.Float16, linear.call(x).dtype);
            Assert.Equal(torch.ScalarType.BFloat16, linear.call(x).dtype);
            linear.call(x).sum().backward();
        }
        Assert.False(Autocast.IsEnabled(DeviceType.CPU));
        Assert.Equal(torch.ScalarType.Float32, linear.call(x).dtype);
        Assert.Equal(torch.ScalarType.Float32, linear.weight.grad!.dtype);
    }
}
