using Dipnet.Coordinator.Dashboard;

namespace Dipnet.Dashboard.Tests;

public sealed class FormatTests
{
    [Theory]
    [InlineData(0.123456, "0.1235")]
    [InlineData(1234.56, "1,235")]
    [InlineData(0, "0")]
    [InlineData(-2.5, "-2.5")]
    [InlineData(0.000012345, "1.235e-5")]
    [InlineData(double.NaN, "–")]
    public void Number_HasFourSignificantDigits(double value, string text) => Assert.Equal(text, Format.Number(value));

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(59.4, "59 s")]
    [InlineData(185, "3 min 05 s")]
    [InlineData(7_800, "2 h 10 min")]
    [InlineData(367_200, "4 d 6 h")]
    [InlineData(-1, "–")]
    [InlineData(double.PositiveInfinity, "–")]
    public void Duration_HasTwoUnits(double seconds, string text) => Assert.Equal(text, Format.Duration(seconds));

    [Theory]
    [InlineData(512, "512 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(642_000_000, "612 MiB")]
    public void Bytes_UsesBinaryUnits(double bytes, string text) => Assert.Equal(text, Format.Bytes(bytes));

    [Theory]
    [InlineData(0.962, "96.2 %")]
    [InlineData(1, "100 %")]
    public void Percent_OfAShare(double share, string text) => Assert.Equal(text, Format.Percent(share));

    [Theory]
    [InlineData(0.052, "52 ms")]
    [InlineData(0.00123, "1.23 ms")]
    [InlineData(2.5, "2.50 s")]
    public void Seconds_BelowOne_AreMilliseconds(double seconds, string text) => Assert.Equal(text, Format.Seconds(seconds));
}
