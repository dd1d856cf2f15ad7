using System.Globalization;
using System.Text.RegularExpressions;

namespace Dipnet.Worker.Devices;

/// <summary>CUDA's error codes and libtorch's messages as one line that says what to do. Pure.</summary>
internal static partial class CudaErrors
{
    public const int MemoryAllocation = 2;
    public const int InsufficientDriver = 35;
    public const int NoDevice = 100;

    private const int DevicesUnavailable = 46;
    private const int IllegalAddress = 700;
    private const int SystemDriverMismatch = 803;
    private const int CompatNotSupported = 804;
    private const int Unknown = 999;

    private const string Lower = "lower model.context or global-batch, raise microbatches, lower dipnet.trajectories, or set precision: bf16 or activation-checkpointing: true; nvidia-smi shows who else uses the GPU";

    /// <summary>An error of the CUDA runtime.</summary>
    /// <param name="code">cudaError.</param>
    /// <param name="text">CUDA's own words; may be empty.</param>
    /// <param name="state">What is known of the host.</param>
    public static string Explain(int code, string text, CudaState state) => code switch
    {
        InsufficientDriver => state.Driver is null
            ? "the NVIDIA driver is missing: install it; libtorch's CUDA libraries need it"
            : $"driver {state.Driver} is too old{Of(" for CUDA ", state.LibraryCuda)}: {Of("it runs CUDA up to ", state.DriverCuda, "; ")}update it, or take a libtorch of an older CUDA",
        NoDevice => state.Visible is null
            ? "the driver finds no GPU; `nvidia-smi` must list one (in a container: start it with the GPUs)"
            : $"no GPU is visible: CUDA_VISIBLE_DEVICES is \"{state.Visible}\"",
        SystemDriverMismatch => "the driver's kernel module and its libraries have different versions: reboot after the update of the driver",
        CompatNotSupported => $"driver {state.Driver} cannot run CUDA{Of(" ", state.LibraryCuda)} on this kind of GPU: update the driver",
        DevicesUnavailable => "every GPU is in use by a process that took it for itself (compute mode exclusive)",
        MemoryAllocation => $"out of memory: {Lower}",
        IllegalAddress => "a kernel touched memory that is not its own (CUDA error 700); the process must end. CUDA_LAUNCH_BLOCKING=1 shows where",
        Unknown => "CUDA error 999: the module nvidia_uvm is often not loaded, or the host slept since; `nvidia-smi`, then a reboot help",
        _ => string.Create(CultureInfo.InvariantCulture, $"CUDA error {code}{(text.Length > 0 ? $": {text}" : "")}"),
    };

    /// <summary>
    /// libtorch's message of a failed operation; null when it is not about the device. Only its first line has facts, the rest is a native stack.
    /// </summary>
    /// <param name="message">As thrown.</param>
    /// <param name="device">The worker's, e.g. cuda:1. libtorch itself counts only the GPUs that are visible.</param>
    public static string? ExplainMessage(string message, string device)
    {
        var first = message.Split('\n')[0].Trim();
        if (first.Contains("CUDA", StringComparison.Ordinal) && first.Contains("out of memory", StringComparison.Ordinal))
        {
            var asked = Tried().Match(first) is { Success: true } tried ? $"asked for {tried.Groups[1].Value}" : "asked for more";
            var free = Free().Match(first) is { Success: true } match ? $", {match.Groups[2].Value} of {match.Groups[1].Value} are free" : "";
            return $"{device} is out of memory: {asked}{free}; {Lower}";
        }

        if (first.Contains("no kernel image is available", StringComparison.Ordinal))
        {
            return $"{device}: this libtorch has no code for this kind of GPU; take one that is built for it (a newer GPU needs a newer CUDA)";
        }

        if (first.Contains("driver version is insufficient", StringComparison.Ordinal) || first.Contains("driver on your system is too old", StringComparison.Ordinal))
        {
            return $"{device}: the NVIDIA driver is too old for libtorch's CUDA; update it, or take a libtorch of an older CUDA";
        }

        if (first.Contains("Found no NVIDIA driver", StringComparison.Ordinal))
        {
            return $"{device}: the NVIDIA driver is missing";
        }

        return first.StartsWith("CUDA error", StringComparison.Ordinal) || first.StartsWith("CUDNN", StringComparison.OrdinalIgnoreCase) || first.StartsWith("CUBLAS", StringComparison.OrdinalIgnoreCase) || first.StartsWith("CUDA driver error", StringComparison.Ordinal)
            ? $"{device}: {first}"
            : null;
    }

    private static string Of(string before, int cuda, string after = "") => CudaState.Version(cuda) is { Length: > 0 } version ? before + version + after : "";

    [GeneratedRegex("Tried to allocate ([0-9.]+ [A-Za-z]+)")]
    private static partial Regex Tried();

    [GeneratedRegex("total capacity of ([0-9.]+ [A-Za-z]+) of which ([0-9.]+ [A-Za-z]+) is free")]
    private static partial Regex Free();
}
