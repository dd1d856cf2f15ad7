namespace Dipnet.Modules.Tests.Native;

public sealed class MappedLibrariesTests
{
    [Fact]
    public void Find_MappedFiles_FindsALibraryUnderAnyName()
    {
        string[] maps =
        [
            "7f00-7f01 r--p 00000000 08:01 123 /usr/lib/libc.so.6",
            "7f02-7f03 rw-p 00000000 00:00 0 ",
            "7f04-7f05 r-xp 00000000 08:01 124 /opt/torch/lib/libcudart-9335f6a2.so.12",
        ];

        Assert.Equal("/opt/torch/lib/libcudart-9335f6a2.so.12", MappedLibraries.Find("libcudart", maps));
        Assert.Null(MappedLibraries.Find("libcudart", maps[..2]));
    }

    [Fact]
    public void Find_ThisProcess_KnowsTheLibtorchThatIsLoaded()
    {
        TorchNative.Load();

        Assert.Equal("libtorch_cpu.so", Path.GetFileName(MappedLibraries.Find("libtorch_cpu")));
    }
}
