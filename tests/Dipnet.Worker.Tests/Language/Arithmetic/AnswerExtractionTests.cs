using Dipnet.Worker.Language;

namespace Dipnet.Worker.Tests.Language.Arithmetic;

public sealed class AnswerExtractionTests
{
    [Theory]
    [InlineData("3 + 4 = 7\n#### 7", "7")]
    [InlineData("#### 1,234", "1234")]
    [InlineData("#### $18.", "18")]
    [InlineData("#### -5", "-5")]
    [InlineData("#### -$5.50", "-5.5")]
    [InlineData("#### 10 apples\nQ: next\n#### 99", "10")]
    [InlineData("so 12\n#### ", "12")]
    [InlineData("The answer is 72.", "72")]
    [InlineData("He pays $1,000,000.00 now", "1000000")]
    [InlineData("first 3, then 4", "4")]
    [InlineData("5-3", "3")]
    [InlineData("x = -3", "-3")]
    [InlineData("It is +8!", "8")]
    [InlineData("about .5 of it", "0.5")]
    [InlineData("1,23", "23")]
    [InlineData("-0", "0")]
    [InlineData("007", "7")]
    [InlineData("43.0", "43")]
    [InlineData("99999999999999999999999", "99999999999999999999999")]
    public void Number_Text_IsItsAnswerInOneForm(string text, string expected) => Assert.Equal(expected, AnswerExtraction.Number(text));

    [Theory, InlineData(""), InlineData("none at all"), InlineData("####")]
    public void Number_TextWithoutDigits_IsNull(string text) => Assert.Null(AnswerExtraction.Number(text));
}
