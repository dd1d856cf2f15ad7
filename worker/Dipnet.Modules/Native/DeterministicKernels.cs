using System.Runtime.InteropServices;

namespace Dipnet.Modules;

/// <summary>
/// Keeps libtorch to operators whose result does not depend on the order in which a GPU's threads happen to run. Without it the backward of its fast attention adds
/// up as threads arrive, and the same job ends with other bits each time.
/// </summary>
public static partial class DeterministicKernels
{
    // Without one of the two values that NVIDIA names, cuBLAS may choose otherwise from run to run, and libtorch 2.10 refuses to call it.
    private const string WorkspaceVariable = "CUBLAS_WORKSPACE_CONFIG";
    private const string Workspace = ":4096:8";

    /// <summary>For the whole process, before anything is computed on a GPU. An operator that has no such kernel then throws, by name.</summary>
    public static void Require()
    {
        // .NET's own environment is a copy that native code does not see.
        if (SetVariable(WorkspaceVariable, Workspace, 0) != 0)
            throw new InvalidOperationException($"the environment variable {WorkspaceVariable} cannot be set: error {Marshal.GetLastPInvokeError()}");
        var context = TorchAbi.GlobalContext();
        TorchAbi.SetDeterministicAlgorithms(context, 1, 0);
        // Else every new tensor is filled with NaN, a pass over its memory that finds errors and changes no result.
        TorchAbi.SetDeterministicFillUninitializedMemory(context, 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
