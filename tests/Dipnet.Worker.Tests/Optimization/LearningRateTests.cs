using Dipnet.Protos;
using Dipnet.Worker.Optimization;

namespace Dipnet.Worker.Tests.Optimization;

public sealed class LearningRateTests
{
    [Theory]
    [InlineData("constant", 50ul, 1.0)]
    [InlineData("linear", 10ul, 1.0)]
    [InlineData("linear", 109ul, 0.1)]
    [InlineData("cosine", 10ul, 1.0)]
    [InlineData("cosine", 109ul, 0.1)]
    [InlineData("linear", 0ul, 0.1)]
    [InlineData("cosine", 4ul, 0.5)]
    [InlineData("cosine", 9ul, 1.0)]
    public void Factor_KnownStep_HasItsValue(string kind, ulong step, double expected) =>
        Assert.Equal(expected, LearningRate.Factor(new ScheduleSpec { Kind = kind, WarmupSteps = 10, FinalFraction = 0.1f }, step, 110), 1e-6);

    [Fact]
    public void Factor_HalfWay_IsTheMean()
    {
        var cosine = new ScheduleSpec { Kind = "cosine", FinalFraction = 0.2f };
        Assert.Equal(0.6, LearningRate.Factor(cosine, 50, 101), 1e-6);
        Assert.Equal(0.6, LearningRate.Factor(new ScheduleSpec(cosine) { Kind = "linear" }, 50, 101), 1e-6);
    }

    [Fact]
    public void Factor_OneStepOrOnlyWarmUp_IsFinite()
    {
        Assert.Equal(1, LearningRate.Factor(new ScheduleSpec { Kind = "cosine" }, 0, 1));
        Assert.Equal(1, LearningRate.Factor(new ScheduleSpec { Kind = "linear", WarmupSteps = 5 }, 4, 5));
    }

    [Fact]
    public void Factor_UnknownKind_SaysWhichAreKnown() =>
        Assert.Contains("cosine", Assert.Throws<ArgumentException>(() => LearningRate.Factor(new ScheduleSpec { Kind = "step" }, 0, 1)).Message, StringComparison.Ordinal);
}
