using System.Globalization;
using Dipnet.Worker.Hosting;

namespace Dipnet.Worker.Devices;

/// <summary>Which device a worker's <c>--device</c> means. Pure.</summary>
internal static class DeviceChoice
{
    /// <summary>Index of the GPU; null: the CPU.</summary>
    /// <param name="text">auto, cpu, cuda or cuda:N.</param>
    /// <param name="gpus">GPUs that this process can use.</param>
    /// <param name="problem">Why it can use none; null when nothing is wrong.</param>
    /// <exception cref="DeviceException">Another text, or no such GPU here.</exception>
    public static int? Gpu(string text, int gpus, string? problem)
    {
        if (text == "cpu" || (text == "auto" && gpus == 0))
        {
            return null;
        }

        var index = 0;
        var known = text is "cuda" or "auto" || (text.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out index));
        if (!known)
        {
            throw new DeviceException(ExitCode.Configuration, $"--device {text}: must be auto, cpu, cuda or cuda:N");
        }

        return index < gpus ? index : throw new DeviceException(ExitCode.Missing, $"--device {text}: " + gpus switch
        {
            0 => $"no GPU can be used here: {problem ?? "there is no NVIDIA driver"}; `dipnet doctor` says more",
            1 => "this host has one GPU, cuda:0",
            _ => $"this host has {gpus} GPUs, cuda:0 to cuda:{gpus - 1}",
        });
    }
}
