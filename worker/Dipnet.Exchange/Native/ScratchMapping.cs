namespace Dipnet.Exchange;

/// <summary>Private memory that costs only what is touched.</summary>
internal sealed unsafe class ScratchMapping : IDisposable
{
    private readonly nuint bytes;

    public ScratchMapping(long bytes)
    {
        this.bytes = (nuint)Math.Max(bytes, 1);
        var address = Libc.Map(
            null, this.bytes, Libc.ProtRead | Libc.ProtWrite, Libc.MapPrivate | Libc.MapAnonymous | Libc.MapNoReserve, -1, 0);
        if ((nint)address == -1)
        {
            throw Libc.Error($"Reserving {bytes} bytes");
        }

        Address = (byte*)address;
    }

    public byte* Address { get; private set; }

    public void Dispose()
    {
        if (Address != null)
        {
            _ = Libc.Unmap(Address, bytes);
            Address = null;
        }
    }
}
