namespace Dipnet.Worker.Devices;

/// <summary>A device cannot be used. The message is one line that names the device, what is wrong and what to do.</summary>
/// <param name="code">The exit code of a process that ends for it.</param>
/// <param name="message">One line.</param>
internal sealed class DeviceException(int code, string message) : Exception(message)
{
    public int Code { get; } = code;
}
