namespace Dipnet.Worker.Devices;

/// <summary>A GPU as the driver lists it.</summary>
/// <param name="Index">Place in the order of the PCI bus: N of cuda:N where CUDA_DEVICE_ORDER=PCI_BUS_ID, which `dipnet` sets for its workers.</param>
/// <param name="Name">Its kind.</param>
/// <param name="Address">On the PCI bus, as /sys writes it.</param>
/// <param name="Memory">Bytes; 0: unknown.</param>
/// <param name="MemoryUsed">Bytes in use by anybody.</param>
/// <param name="Cores">Cores on its side of the machine, as the kernel writes them; empty: unknown.</param>
internal sealed record GpuFacts(int Index, string Name, string Address, long Memory, long MemoryUsed, string Cores);
