using System.Runtime.InteropServices;

namespace Dipnet.Modules.Tests.Native;

public sealed partial class DeterministicKernelsTests
{
    [Fact]
    public void Require_Process_IsHeldToThemAndCublasSeesItsWorkspace()
    {
        TorchNative.Load();
        DeterministicKernels.Require();
        try
        {
            Assert.Equal(1, DeterministicAlgorithms(TorchAbi.GlobalContext()));
            Assert.Equal(0, FillUninitializedMemory(TorchAbi.GlobalContext()));
            Assert.Equal(":4096:8", Marshal.PtrToStringUTF8(Variable("CUBLAS_WORKSPACE_CONFIG")));
        }
        finally
        {
            TorchAbi.SetDeterministicAlgorithms(TorchAbi.GlobalContext(), 0, 0);
        }
    }

    [LibraryImport("torch_cpu", EntryPoint = "_ZNK2at7Context23deterministicAlgorithmsEv")]
    private static partial byte DeterministicAlgorithms(nint context);

    [LibraryImport("torch_cpu", EntryPoint = "_ZNK2at7Context36deterministicFillUninitializedMemoryEv")]
    private static partial byte FillUninitializedMemory(nint context);

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Variable(string name);
}
