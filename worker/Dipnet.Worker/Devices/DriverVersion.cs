using System.Text.RegularExpressions;

namespace Dipnet.Worker.Devices;

/// <summary>Reads the NVIDIA driver's version. Pure.</summary>
internal static partial class DriverVersion
{
    /// <param name="text">Of /proc/driver/nvidia/version: <c>NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue …</c>.</param>
    /// <returns>The version, or the first line when it has another form.</returns>
    public static string Parse(string text) => Pattern().Match(text) is { Success: true } match ? match.Groups[1].Value : text.Split('\n')[0].Trim();

    [GeneratedRegex(@"Kernel Module.*?\s([0-9]+\.[0-9]+(?:\.[0-9]+)?)\s")]
    private static partial Regex Pattern();
}
