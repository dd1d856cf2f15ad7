using System.Runtime.CompilerServices;
using Dipnet.Modules;

namespace Dipnet.Worker.Tests;

internal static class NativeLibraries
{
    [ModuleInitializer]
    public static void Load() => TorchNative.Load();
}
