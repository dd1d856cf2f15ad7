using System.Text;
using Dipnet.Modules.Language;

namespace Dipnet.Modules.Tests.Language.Generation;

public sealed class StopMatcherTests
{
    [Theory]
    [InlineData("one STOP two", "one ", "STOP")]
    [InlineData("aab", "a", "ab")]
    [InlineData("STO", "STO", "STOP")]
    [InlineData("a STSTOP b", "a ST", "STOP")]
    [InlineData("xabcd", "xa", "abcX", "bc")]
    [InlineData("x\n\nQuestion: y", "x", "\n\n", "\nQuestion")]
    [InlineData("no end here", "no end here", "END", "Here")]
    [InlineData("aXbc", "a", "c", "Xb", "b")]
    public void Text_InAnyPieces_IsCutAtTheFirstStopText(string text, string expected, params string[] stops)
    {
        for (var size = 1; size <= text.Length; size++)
        {
            var matcher = new StopMatcher(stops);
            var given = new StringBuilder();
            for (var at = 0; at < text.Length; at += size)
            {
                given.Append(matcher.Push(text.Substring(at, Math.Min(size, text.Length - at))));
                Assert.StartsWith(given.ToString(), expected, StringComparison.Ordinal);
            }
            Assert.Equal(expected, given.Append(matcher.End()).ToString());
            Assert.Equal(stops.Any(s => text.Contains(s, StringComparison.Ordinal)), matcher.IsStopped);
        }
    }

    [Fact]
    public void Push_TextThatBeginsNoStopText_GivesItAtOnce()
    {
        var matcher = new StopMatcher(["STOP"]);
        Assert.Equal("a", matcher.Push("a"));
        Assert.Equal("", matcher.Push("ST"));
        Assert.Equal("STARE", matcher.Push("ARE"));
    }
}
