using System.Runtime.CompilerServices;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Dipnet.Modules.Tests;

internal static class NativeLibraries
{
    // Before any test class touches TorchSharp; one thread, so that bits can be compared.
    [ModuleInitializer]
    internal static void Load()
    {
        TorchNative.Load();
        TorchSharp.torch.set_num_threads(1);
    }
}
