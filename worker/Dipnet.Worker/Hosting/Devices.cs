using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Hosting;

/// <summary>The device of this process.</summary>
internal static class Devices
{
    /// <param name="text">auto, cpu, cuda or cuda:N.</param>
    /// <exception cref="ArgumentException">Another text, or no such GPU here.</exception>
    public static Device Parse(string text)
    {
        if (text == "cpu" || (text == "auto" && !torch.cuda.is_available()))
        {
            return torch.CPU;
        }

        var index = 0;
        if (text is not ("cuda" or "auto") && !(text.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out index)))
        {
            throw new ArgumentException($"device \"{text}\": must be auto, cpu, cuda or cuda:N");
        }

        if (!torch.cuda.is_available())
        {
            throw new ArgumentException($"device {text}: no GPU is usable here; `dipnet doctor` says what is missing");
        }

        return index < torch.cuda.device_count()
            ? torch.device(DeviceType.CUDA, index)
            : throw new ArgumentException($"device {text}: this host has {torch.cuda.device_count()} GPUs, the highest is cuda:{torch.cuda.device_count() - 1}");
    }
}
