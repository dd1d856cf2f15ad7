using Dipnet.Worker.Devices;

namespace Dipnet.Worker.Tests.Devices;

public sealed class CudaErrorsTests
{
    private static readonly CudaState Loaded = new("535.104.05") { LibrariesLoaded = true, Devices = 2, DriverCuda = 12020, LibraryCuda = 12080 };

    [Fact]
    public void Problem_NothingWrongOrNoGpuHost_IsNone()
    {
        Assert.Null(Loaded.Problem);
        Assert.Null(new CudaState(Driver: null).Problem);
    }

    [Fact]
    public void Problem_LibtorchForTheCpuOnAGpuHost_SaysHowToGetAnother()
    {
        Assert.Contains("-p:TorchBackend=cuda", new CudaState("535.104.05").Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Problem_LibrariesThatDoNotLoad_NamesTheReason()
    {
        var state = new CudaState("535.104.05") { LoadProblem = "libcudart.so.12: cannot open shared object file" };
        Assert.Equal("libtorch's CUDA libraries do not load: libcudart.so.12: cannot open shared object file", state.Problem);
    }

    [Theory]
    [InlineData(35, "driver 535.104.05 is too old for CUDA 12.8: it runs CUDA up to 12.2; update it")]
    [InlineData(100, "the driver finds no GPU")]
    [InlineData(803, "reboot after the update of the driver")]
    [InlineData(804, "driver 535.104.05 cannot run CUDA 12.8")]
    [InlineData(46, "compute mode exclusive")]
    [InlineData(999, "nvidia_uvm")]
    [InlineData(719, "CUDA error 719: unspecified launch failure")]
    public void Problem_ErrorOfTheRuntime_SaysWhatToDo(int error, string expected)
    {
        Assert.Contains(expected, (Loaded with { Error = error, ErrorText = "unspecified launch failure" }).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Problem_CudaLibrariesWithoutADriver_SaysThatItIsMissing()
    {
        Assert.StartsWith("the NVIDIA driver is missing", new CudaState(Driver: null) { LibrariesLoaded = true, Error = 35 }.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Problem_DevicesHiddenByTheEnvironment_NamesTheVariable()
    {
        Assert.Equal("no GPU is visible: CUDA_VISIBLE_DEVICES is \"\"", (Loaded with { Devices = 0, Visible = "" }).Problem);
    }

    [Fact]
    public void ExplainMessage_OutOfMemory_HasDeviceBytesAndWhatToLower()
    {
        const string Message = "CUDA out of memory. Tried to allocate 2.25 GiB. GPU 0 has a total capacity of 79.15 GiB of which 1.06 GiB is free. Process 7 has 78.09 GiB memory in use. "
            + "Of the allocated memory 70.00 GiB is allocated by PyTorch\nException raised from malloc at CUDACachingAllocator.cpp:1518\nframe #0: c10::Error::Error";

        var line = CudaErrors.ExplainMessage(Message, "cuda:3")!;

        Assert.StartsWith("cuda:3 is out of memory: asked for 2.25 GiB, 1.06 GiB of 79.15 GiB are free; lower ", line, StringComparison.Ordinal);
        Assert.Contains("activation-checkpointing", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Theory]
    [InlineData("CUDA error: out of memory", "cuda:0 is out of memory: asked for more; lower")]
    [InlineData("CUDA error: no kernel image is available for execution on the device", "cuda:0: this libtorch has no code for this kind of GPU")]
    [InlineData("CUDA driver version is insufficient for CUDA runtime version", "cuda:0: the NVIDIA driver is too old")]
    [InlineData("The NVIDIA driver on your system is too old (found version 11040).", "cuda:0: the NVIDIA driver is too old")]
    [InlineData("Found no NVIDIA driver on your system.", "cuda:0: the NVIDIA driver is missing")]
    [InlineData("CUDA error: an illegal memory access was encountered\nstack", "cuda:0: CUDA error: an illegal memory access was encountered")]
    public void ExplainMessage_OtherErrorsOfTheDevice_AreOneLine(string message, string expected)
    {
        Assert.StartsWith(expected, CudaErrors.ExplainMessage(message, "cuda:0"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Exception of type 'System.OutOfMemoryException' was thrown.")]
    [InlineData("mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)")]
    public void ExplainMessage_ErrorThatIsNotTheDevices_IsNone(string message)
    {
        Assert.Null(CudaErrors.ExplainMessage(message, "cpu"));
    }

    [Theory]
    [InlineData("NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\nGCC version: 12", "550.54.15")]
    [InlineData("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.10  Release Build\n", "570.86.10")]
    [InlineData("something else\n", "something else")]
    public void Parse_DriverFile_IsTheVersion(string text, string expected)
    {
        Assert.Equal(expected, DriverVersion.Parse(text));
    }
}
