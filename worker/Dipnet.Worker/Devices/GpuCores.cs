namespace Dipnet.Worker.Devices;

/// <summary>
/// The processor cores on a GPU's side of the machine. Copies to and from the GPU, and the additions of what was copied, are then in the memory next to both.
/// </summary>
/// <param name="Cores">To run on; empty: wherever the process may run already.</param>
/// <param name="Text">A line for the log.</param>
internal sealed record GpuCores(IReadOnlyList<int> Cores, string Text)
{
    /// <summary>Where the kernel describes PCI devices.</summary>
    public const string PciFolder = "/sys/bus/pci/devices";

    /// <param name="pciFolder"><see cref="PciFolder"/>, or a copy.</param>
    /// <param name="address">The GPU's, e.g. 0000:3b:00.0; null when unknown.</param>
    /// <param name="allowed">Cores that the process may use: a container or taskset may have taken some.</param>
    public static GpuCores Find(string pciFolder, string? address, IReadOnlyList<int> allowed)
    {
        if (address is null)
        {
            return None("the GPU's place on the PCI bus is unknown");
        }

        var file = Path.Combine(pciFolder, address, "local_cpulist");
        if (!File.Exists(file))
        {
            return None($"{file} is not there");
        }

        IReadOnlyList<int> local;
        try
        {
            local = CpuList.Parse(File.ReadAllText(file));
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            return None($"{file}: {e.Message}");
        }

        int[] cores = [.. local.Intersect(allowed).Order()];
        return cores.Length == 0 ? None($"the GPU's cores {CpuList.Format(local)} are none of the {CpuList.Format(allowed)} that this process may use")
            : cores.Length == allowed.Count ? None($"all cores that this process may use, {CpuList.Format(cores)}, are the GPU's")
            : new(cores, $"runs on cores {CpuList.Format(cores)}, those of the GPU at {address}");
    }

    private static GpuCores None(string why) => new([], $"not pinned to cores: {why}");
}
