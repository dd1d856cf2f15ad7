using Dipnet.Worker.Devices;

namespace Dipnet.Worker.Hosting;

/// <summary>What was seen of this host; judging it is <see cref="HostFindings"/>'s. Bytes unless said.</summary>
internal sealed record HostFacts
{
    /// <summary>Operating system and architecture in words.</summary>
    public string System { get; init; } = "";

    /// <summary>Linux on x64.</summary>
    public bool Supported { get; init; }

    public int Cores { get; init; }

    /// <summary>Widest vectors, bits.</summary>
    public int VectorBits { get; init; }

    /// <summary>The processor multiplies bfloat16.</summary>
    public bool Bfloat16 { get; init; }

    public long Memory { get; init; }

    /// <summary>Version, variant and place; null when it does not load.</summary>
    public string? Torch { get; init; }

    /// <summary>Why libtorch does not load.</summary>
    public string TorchProblem { get; init; } = "";

    public CudaState Cuda { get; init; } = new(Driver: null);

    /// <summary>As the driver lists them.</summary>
    public IReadOnlyList<GpuFacts> Gpus { get; init; } = [];

    /// <summary>Why the kernels of this program do not serve on a GPU; null when they do or there is none.</summary>
    public string? KernelProblem { get; init; }

    /// <summary>Of /dev/shm; null when it is not there.</summary>
    public (long Free, long Total)? SharedMemory { get; init; }

    /// <summary>Why this process cannot listen on the loopback address; null: it can.</summary>
    public string? ListenProblem { get; init; }

    /// <summary>Ports of `dipnet serve` that somebody listens on.</summary>
    public IReadOnlyList<int> PortsInUse { get; init; } = [];

    /// <summary>Text of /proc/self/limits; empty when it is not there.</summary>
    public string Limits { get; init; } = "";

    public string TemporaryFolder { get; init; } = "";

    public long TemporaryFree { get; init; }

    /// <summary>Why nothing can be written there; null: it can.</summary>
    public string? TemporaryProblem { get; init; }
}
