using System.Globalization;

namespace Dipnet.Worker.Devices;

/// <summary>What was seen of CUDA in this process. Judging it is pure.</summary>
/// <param name="Driver">The driver's version, e.g. 550.54.15; null: the host has no NVIDIA driver.</param>
internal sealed record CudaState(string? Driver)
{
    /// <summary>libtorch's CUDA libraries are in this process.</summary>
    public bool LibrariesLoaded { get; init; }

    /// <summary>Why CUDA libraries that lie beside libtorch did not load.</summary>
    public string? LoadProblem { get; init; }

    /// <summary>Code of the question how many devices there are; 0: answered. See the CUDA runtime's <c>cudaError</c>.</summary>
    public int Error { get; init; }

    /// <summary>CUDA's own words for <see cref="Error"/>.</summary>
    public string ErrorText { get; init; } = "";

    public int Devices { get; init; }

    /// <summary>Newest CUDA that the driver can run, as CUDA writes it: 12080 is 12.8. 0: unknown.</summary>
    public int DriverCuda { get; init; }

    /// <summary>CUDA that libtorch's libraries are of.</summary>
    public int LibraryCuda { get; init; }

    /// <summary>CUDA_VISIBLE_DEVICES; null when not set.</summary>
    public string? Visible { get; init; }

    /// <summary>Why no GPU can be used, and what to do; null: they can, or there is no driver and so nothing to say.</summary>
    public string? Problem => Driver is null && !LibrariesLoaded ? null
        : LoadProblem is not null ? $"libtorch's CUDA libraries do not load: {LoadProblem}"
        : !LibrariesLoaded ? "libtorch is for the CPU only: build with -p:TorchBackend=cuda, or set DIPNET_LIBTORCH to torch/lib of a PyTorch 2.10 with CUDA"
        : Error != 0 ? CudaErrors.Explain(Error, ErrorText, this)
        : Devices == 0 ? CudaErrors.Explain(CudaErrors.NoDevice, "", this)
        : null;

    /// <summary>12080 as 12.8; empty when unknown.</summary>
    public static string Version(int cuda) => cuda <= 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{cuda / 1000}.{cuda % 1000 / 10}");
}
