using Dipnet.Worker.Language;

namespace Dipnet.Worker.Tests.Language.Arithmetic;

public sealed class TyposTests
{
    private const string Text = "Tom has 12 apples. He buys 345 more. How many apples does Tom have now?";

    [Fact]
    public void Apply_RateZero_ChangesNothing() => Assert.Equal(Text, Typos.Apply(Text, 1, 0));

    [Fact]
    public void Apply_AnyRate_LeavesDigitsAndTheirOrder()
    {
        for (ulong seed = 0; seed < 500; seed++)
        {
            Assert.Equal("12345", string.Concat(Typos.Apply(Text, seed, 0.5).Where(char.IsAsciiDigit)));
        }
    }

    [Fact]
    public void Apply_HighRate_ShowsEveryKindOfSlip()
    {
        var one = Enumerable.Range(0, 400).Select(i => Typos.Apply("Big", (ulong)i, 0.3)).ToHashSet();
        Assert.Contains("iBg", one);    // swapped
        Assert.Contains("Bg", one);     // left out
        Assert.Contains("Bigg", one);   // doubled
        Assert.Contains("Vig", one);    // neighbours of B
        Assert.Contains("Nig", one);
    }

    [Fact]
    public void Apply_Rate_IsTheShareOfLettersHit()
    {
        // Of single letters every slip is seen: none can be swapped.
        var text = string.Join(' ', Enumerable.Repeat("g", 20000));
        var hit = Typos.Apply(text, 9, 0.1).Split(' ').Count(w => w != "g");
        Assert.InRange(hit, 1800, 2200);
    }

    [Fact]
    public void Apply_Seed_DecidesTheSlips()
    {
        Assert.Equal(Typos.Apply(Text, 4, 0.2), Typos.Apply(Text, 4, 0.2));
        Assert.NotEqual(Typos.Apply(Text, 4, 0.2), Typos.Apply(Text, 5, 0.2));
    }

    [Theory, InlineData(-0.1), InlineData(1.1), InlineData(double.NaN)]
    public void Apply_RateOutsideZeroToOne_IsRefused(double rate) => Assert.Throws<ArgumentOutOfRangeException>(() => Typos.Apply(Text, 1, rate));
}
