namespace Dipnet.Modules.Tests.Native.Cuda;

public sealed class NvrtcPlacesTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("dipnet-tests-");

    public void Dispose() => _root.Delete(recursive: true);

    private string Put(string path)
    {
        var full = Path.Combine(_root.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, []);
        return full;
    }

    [Fact]
    public void Files_CompilerBesideTheRuntimeAndElsewhere_RuntimesFolderIsFirst()
    {
        var runtime = Put("nvidia/cu13/lib/libcudart.so.13");
        var beside = Put("nvidia/cu13/lib/libnvrtc.so.13");
        var older = Put("nvidia/cuda_nvrtc/lib/libnvrtc.so.12");
        var torch = Put("torch/lib/libnvrtc.so.12");

        Assert.Equal([beside, older, torch], new NvrtcPlaces(runtime, Path.GetDirectoryName(torch)).Files());
        Assert.Equal([older, torch], new NvrtcPlaces(Put("nvidia/cuda_runtime/lib/libcudart.so.12"), Path.GetDirectoryName(torch)).Files());
    }

    [Fact]
    public void Files_FolderOfLibtorchWithEverything_TakesTheCompilerAloneAndOnce()
    {
        var runtime = Put("lib/libcudart-218eec4c.so.12");
        Put("lib/libnvrtc-builtins.so.12.8");
        Put("lib/libnvrtc.alt.so.12");
        Put("lib/libnvrtc_static.a");
        var compiler = Put("lib/libnvrtc-9fe6a0a4.so.12");

        Assert.Equal([compiler], new NvrtcPlaces(runtime, Path.GetDirectoryName(runtime)).Files());
    }

    [Fact]
    public void Files_NoRuntimeMapped_LooksInLibtorchsFolder()
    {
        var compiler = Put("lib/libnvrtc.so.12");

        Assert.Equal([compiler], new NvrtcPlaces(null, Path.GetDirectoryName(compiler)).Files());
    }

    [Fact]
    public void Files_FoldersThatAreNotThere_AreNone()
    {
        Assert.Empty(new NvrtcPlaces(Path.Combine(_root.FullName, "a/b/c/libcudart.so.12"), null).Files());
        Assert.Empty(new NvrtcPlaces(null, null).Files());
    }

    [Fact]
    public void Folders_PipsOlderLayout_NamesEachPlaceInOrder()
    {
        Assert.Equal(
            ["/site/nvidia/cuda_runtime/lib", "/site/nvidia/cuda_nvrtc/lib", "/site/torch/lib"],
            new NvrtcPlaces("/site/nvidia/cuda_runtime/lib/libcudart.so.12", "/site/torch/lib").Folders);
    }

    [Fact]
    public void NotFound_SomeFolders_NamesEveryPlaceInOneLine()
    {
        Assert.Equal(
            "libnvrtc, which compiles the kernels of a worker on a GPU, was looked for in /c/lib, /cuda_nvrtc/lib, /torch/lib, the system's libnvrtc.so.13, the system's libnvrtc.so.12 "
            + "and is in none; every libtorch with CUDA comes with it (pip: nvidia-cuda-nvrtc)",
            new NvrtcPlaces("/c/lib/libcudart.so.12", "/torch/lib").NotFound);
    }

    [Fact]
    public void Builtins_OfACompiler_AreThoseBesideIt()
    {
        var compiler = Put("lib/libnvrtc.so.12");
        var builtins = Put("lib/libnvrtc-builtins.so.12.8");
        Put("other/libnvrtc-builtins.so.13.0");

        Assert.Equal([builtins], NvrtcPlaces.Builtins(compiler));
    }
}
