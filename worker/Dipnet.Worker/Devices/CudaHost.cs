using Dipnet.Modules;
using TorchSharp;

namespace Dipnet.Worker.Devices;

/// <summary>Looks at CUDA in this process and on this host.</summary>
internal static class CudaHost
{
    public const string DriverFile = "/proc/driver/nvidia/version";

    /// <summary>libtorch must be loaded.</summary>
    public static CudaState Look()
    {
        var state = new CudaState(File.Exists(DriverFile) ? DriverVersion.Parse(File.ReadAllText(DriverFile)) : null)
        {
            LibrariesLoaded = TorchNative.CudaLoaded,
            LoadProblem = TorchNative.CudaProblem,
            Visible = Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES"),
        };
        if (!TorchNative.CudaLoaded)
        {
            return state;
        }

        if (CudaRuntime.Loaded() is { } runtime)
        {
            state = runtime.Describe(state);
        }

        // libtorch has the last word: a device that only the runtime sees is of no use.
        return state with { Devices = state.Error == 0 && torch.cuda.is_available() ? torch.cuda.device_count() : 0 };
    }
}
