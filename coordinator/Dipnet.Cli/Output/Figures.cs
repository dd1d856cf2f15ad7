using System.Globalization;

namespace Dipnet.Cli.Output;

/// <summary>Numbers as the command shows them.</summary>
internal static class Figures
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public static string Percent(double fraction) => (fraction * 100).ToString("0.0", Culture) + " %";

    public static string Points(double fraction) => (fraction * 100).ToString("+0.0;-0.0;0.0", Culture) + " points";

    /// <summary>Three or four significant digits.</summary>
    public static string Number(double value) => value switch
    {
        _ when !double.IsFinite(value) => value.ToString(Culture),
        _ when Math.Abs(value) >= 100 => value.ToString("0", Culture),
        _ when Math.Abs(value) >= 1 => value.ToString("0.00", Culture),
        0 => "0",
        _ when Math.Abs(value) >= 1e-3 => value.ToString("0.0000", Culture),
        _ => value.ToString("0.00e-0", Culture),
    };

    /// <summary>A value that somebody has set, as it was written: <c>0.2</c>.</summary>
    public static string Setting(double value) => value.ToString("0.####", Culture);

    public static string Bytes(ulong bytes) => bytes switch
    {
        >= 1ul << 30 => (bytes / (double)(1ul << 30)).ToString("0.00", Culture) + " GiB",
        >= 1ul << 20 => (bytes / (double)(1ul << 20)).ToString("0.0", Culture) + " MiB",
        >= 1ul << 10 => (bytes / (double)(1ul << 10)).ToString("0.0", Culture) + " KiB",
        _ => bytes.ToString(Culture) + " B",
    };

    /// <summary><c>0:07</c>, <c>12:30</c>, <c>3:05:00</c>.</summary>
    public static string Time(double seconds)
    {
        if (!double.IsFinite(seconds) || seconds < 0 || seconds > 1e9)
        {
            return "–";
        }

        var time = TimeSpan.FromSeconds(Math.Round(seconds));
        return time.TotalHours >= 1 ? $"{(int)time.TotalHours}:{time:mm\\:ss}" : $"{time.Minutes}:{time:ss}";
    }
}
