namespace Dipnet.Modules;

/// <summary>Whether a device computes what the CPU computes.</summary>
public static class CudaCheck
{
    /// <summary>Compares bit for bit, so −0 is not 0 and a NaN equals itself.</summary>
    /// <param name="what">Begins the message, e.g. "cuda:0 draws other noise than the CPU".</param>
    /// <exception cref="CudaProgramException">A value differs; the message names the first and counts them all.</exception>
    public static void SameBits(string what, ReadOnlySpan<float> device, ReadOnlySpan<float> host)
    {
        if (device.Length != host.Length)
            throw new ArgumentException($"{device.Length} values of the device, {host.Length} of the CPU", nameof(device));
        var (first, count) = (-1, 0);
        for (var i = 0; i < host.Length; i++)
        {
            if (BitConverter.SingleToUInt32Bits(device[i]) == BitConverter.SingleToUInt32Bits(host[i]))
                continue;
            if (count++ == 0)
                first = i;
        }
        if (count > 0)
        {
            throw new CudaProgramException(
                $"{what} at value {first}: {Show(device[first])} instead of {Show(host[first])}; {count:N0} of {host.Length:N0} values differ");
        }
    }

    private static string Show(float value) => $"{value:R} (0x{BitConverter.SingleToUInt32Bits(value):x8})";
}
