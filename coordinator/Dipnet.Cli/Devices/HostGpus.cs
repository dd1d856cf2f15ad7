namespace Dipnet.Cli.Devices;

/// <summary>The GPUs that workers of this host can use.</summary>
/// <param name="Count">cuda:0 to cuda:(Count − 1), in the order of the PCI bus.</param>
/// <param name="Problem">Why there are none although the host has a driver; null when nothing is wrong.</param>
internal sealed record HostGpus(int Count, string? Problem = null)
{
    public static readonly HostGpus None = new(0);
}
