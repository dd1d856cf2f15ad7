using Dipnet.Modules.Language;

namespace Dipnet.Modules.Tests.Language.Generation;

public sealed class TokenSamplerTests
{
    // Probabilities 0.4, 0.3, 0.2, 0.1 at ids 2, 0, 3, 1.
    static readonly float[] s_scores = [MathF.Log(0.3f), MathF.Log(0.1f), MathF.Log(0.4f), MathF.Log(0.2f)];

    [Fact]
    public void Choose_Temperature0_IsTheMostProbableWithTheLowestId()
    {
        var sampler = new TokenSampler(new GenerationOptions { Temperature = 0 });
        Assert.Equal(2, sampler.Choose(s_scores, 0));
        Assert.Equal(1, sampler.Choose([0f, 5f, 5f], 0));
    }

    [Theory]
    [InlineData(1.0, 0, 1.0, 0.3, 0.1, 0.4, 0.2)]
    [InlineData(1.0, 2, 1.0, 3 / 7.0, 0.0, 4 / 7.0, 0.0)]
    [InlineData(1.0, 0, 0.69, 3 / 7.0, 0.0, 4 / 7.0, 0.0)]
    [InlineData(1.0, 0, 0.71, 3 / 9.0, 0.0, 4 / 9.0, 2 / 9.0)]
    [InlineData(0.5, 0, 1.0, 0.3, 1 / 30.0, 16 / 30.0, 4 / 30.0)]
    [InlineData(1.0, 3, 0.8, 3 / 9.0, 0.0, 4 / 9.0, 2 / 9.0)]
    [InlineData(1.0, 3, 0.75, 3 / 7.0, 0.0, 4 / 7.0, 0.0)]
    public void Choose_ManyPositions_FollowsTheDistribution(double temperature, int topK, double topP, params double[] expected)
    {
        const int Draws = 20_000;
        var sampler = new TokenSampler(new GenerationOptions { Temperature = temperature, TopK = topK, TopP = topP, Seed = 5 });
        var counts = new int[4];
        for (var position = 0; position < Draws; position++)
        {
            counts[sampler.Choose(s_scores, position)]++;
        }
        for (var i = 0; i < 4; i++)
        {
            // Four and a half standard deviations; a token outside of the set never comes.
            Assert.Equal(expected[i], counts[i] / (double)Draws, 4.5 * Math.Sqrt(expected[i] * (1 - expected[i]) / Draws) + 1e-9);
        }
    }

    [Fact]
    public void Choose_EqualScores_TopKKeepsTheLowerIds()
    {
        var sampler = new TokenSampler(new GenerationOptions { TopK = 2 });
        Assert.Equal([0, 2], Enumerable.Range(0, 200).Select(p => sampler.Choose([1f, 0f, 1f, 1f], p)).Distinct().Order());
    }

    [Fact]
    public void Choose_SeedAndPosition_DecideTheDraw()
    {
        int[] Draws(ulong seed, IEnumerable<int> positions)
        {
            var sampler = new TokenSampler(new GenerationOptions { Seed = seed });
            return [.. positions.Select(p => sampler.Choose(s_scores, p))];
        }
        var first = Draws(1, Enumerable.Range(0, 64));
        Assert.Equal(first, Draws(1, Enumerable.Range(0, 64).Reverse()).Reverse());
        Assert.NotEqual(first, Draws(2, Enumerable.Range(0, 64)));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Choose_ScoreIsNoNumber_IsAnErrorThatNamesTheToken(float wrong)
    {
        var sampler = new TokenSampler(new GenerationOptions());
        Assert.Contains("token 1", Assert.Throws<ArithmeticException>(() => sampler.Choose([0f, wrong, 2f], 0)).Message, StringComparison.Ordinal);
    }
}
