using System.Globalization;

namespace Dipnet.Coordinator.Dashboard;

/// <summary>Numbers as people read them. A value that is not finite or not known is "–".</summary>
internal static class Format
{
    public const string Unknown = "–";

    private static readonly string[] ByteUnits = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>Four significant digits.</summary>
    public static string Number(double value) => !double.IsFinite(value) ? Unknown
        : value == 0 ? "0"
        : Math.Abs(value) is >= 1e-4 and < 1e6 ? Math.Round(value, Math.Clamp(3 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 8)).ToString("#,0.########", CultureInfo.InvariantCulture)
        : value.ToString("0.###e0", CultureInfo.InvariantCulture);

    public static string Count(double value) => double.IsFinite(value) ? value.ToString("#,0", CultureInfo.InvariantCulture) : Unknown;

    /// <summary>A share in [0, 1].</summary>
    public static string Percent(double share) => double.IsFinite(share) ? (share * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %" : Unknown;

    /// <summary>Samples per second; unknown before the first step.</summary>
    public static string Rate(double perSecond) => !double.IsFinite(perSecond) || perSecond <= 0 ? Unknown
        : perSecond >= 100 ? Count(perSecond) : Number(perSecond);

    public static string Bytes(double bytes)
    {
        if (!double.IsFinite(bytes) || bytes < 0)
        {
            return Unknown;
        }

        var unit = 0;
        while (bytes >= 1024 && unit < ByteUnits.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }

        return bytes.ToString(bytes >= 100 || unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + ByteUnits[unit];
    }

    /// <summary>Two units at most: 42 s, 3 min 05 s, 2 h 10 min, 4 d 6 h.</summary>
    public static string Duration(double seconds)
    {
        if (!double.IsFinite(seconds) || seconds < 0 || seconds > TimeSpan.MaxValue.TotalSeconds / 2)
        {
            return Unknown;
        }

        var span = TimeSpan.FromSeconds(Math.Round(seconds));
        return span.TotalMinutes < 1 ? $"{span.Seconds} s"
            : span.TotalHours < 1 ? $"{span.Minutes} min {span.Seconds:00} s"
            : span.TotalDays < 1 ? $"{span.Hours} h {span.Minutes:00} min"
            : $"{(int)span.TotalDays} d {span.Hours} h";
    }

    /// <summary>A short time: milliseconds below a second.</summary>
    public static string Seconds(double seconds) => !double.IsFinite(seconds) || seconds <= 0 ? Unknown
        : seconds < 1 ? (seconds * 1000).ToString(seconds < 0.01 ? "0.00" : "0", CultureInfo.InvariantCulture) + " ms"
        : seconds.ToString("0.00", CultureInfo.InvariantCulture) + " s";

    /// <summary>How long ago, rounded down to one unit.</summary>
    public static string Age(DateTimeOffset then, DateTimeOffset now)
    {
        var age = now - then;
        return age.TotalSeconds < 5 ? "now"
            : age.TotalMinutes < 1 ? $"{(int)age.TotalSeconds} s ago"
            : age.TotalHours < 1 ? $"{(int)age.TotalMinutes} min ago"
            : age.TotalDays < 1 ? $"{(int)age.TotalHours} h ago"
            : $"{(int)age.TotalDays} d ago";
    }

    public static string Age(long unixMilliseconds, DateTimeOffset now) =>
        unixMilliseconds == 0 ? Unknown : Age(DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds), now);

    /// <summary>Local time of the coordinator's machine.</summary>
    public static string Clock(long unixMilliseconds, TimeProvider time) => unixMilliseconds == 0 ? Unknown
        : TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds), time.LocalTimeZone).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    public static string Moment(long unixMilliseconds, TimeProvider time) => unixMilliseconds == 0 ? Unknown
        : TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds), time.LocalTimeZone).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
