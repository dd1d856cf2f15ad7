using Dipnet.Modules.Language;

namespace Dipnet.Modules.Tests.Language.Tokenizers;

/// <summary>Cases of Unicode's NormalizationTest.txt and of UAX #15.</summary>
public sealed class CanonicalCompositionTests
{
    [Theory]
    [InlineData("plain ÿ", "plain ÿ")]
    [InlineData("e\u0301", "\u00e9")]
    [InlineData("\u212b\u2126", "\u00c5\u03a9")]                      // singletons
    [InlineData("\u1e9b\u0323", "\u1e9b\u0323")]
    [InlineData("D\u0323\u0307 D\u0307\u0323", "\u1e0c\u0307 \u1e0c\u0307")]     // marks are put in order
    [InlineData("a\u0301\u0301", "\u00e1\u0301")]                     // a mark of the same class blocks
    [InlineData("\u0958", "\u0915\u093c")]                            // excluded from composition
    [InlineData("\u1112\u1161\u11ab\u1112\u1161", "\ud55c\ud558")]    // Hangul
    [InlineData("\ud83d\ude42\ud804\udc99\ud804\udcba", "\ud83d\ude42\ud804\udc9a")]
    public void Compose_Text_IsFormC(string text, string expected)
    {
        Assert.Equal(expected, CanonicalComposition.Compose(text));
        Assert.Equal(expected, CanonicalComposition.Compose(expected));
    }
}
