using CsCheck;

namespace Dipnet.Modules.Tests.Noise;

public sealed class CounterNoiseTests
{
    private static readonly NoiseKey Key = new(1234567890123456789, 17, 3);

    private static float[] Normal(long offset, int count, in NoiseStream stream)
    {
        var values = new float[count];
        CounterNoise.FillNormal(values, stream, offset);
        return values;
    }

    [Fact]
    public void FillNormal_AnySplitOfTheRange_GivesTheSameValues()
    {
        var stream = Key.Stream(1, 2);
        var whole = Normal(0, 1000, stream);
        Gen.Select(Gen.Int[0, 999], Gen.Int[0, 999]).Sample((a, b) =>
        {
            var (start, end) = (Math.Min(a, b), Math.Max(a, b));
            Assert.Equal(whole[start..end], Normal(start, end - start, stream));
        });
    }

    [Fact]
    public void FillNormal_MillionValues_HasTheMomentsOfANormalDistribution()
    {
        var values = Normal(0, 1 << 20, Key.Stream(0, 0));
        var moments = new double[7];
        foreach (double v in values)
        {
            for (int p = 1; p <= 6; p++)
                moments[p] += Math.Pow(v, p) / values.Length;
        }
        // Five standard errors of each moment's estimate.
        double[] expected = [0, 0, 1, 0, 3, 0, 15];
        double[] variances = [0, 1, 2, 15, 96, 945, 10170];
        for (var p = 1; p <= 6; p++)
            Assert.InRange(moments[p] - expected[p], -5 * Math.Sqrt(variances[p] / values.Length), 5 * Math.Sqrt(variances[p] / values.Length));
    }

    [Fact]
    public void FillNormal_MillionValues_FollowsTheNormalDistributionFunction()
    {
        var values = Normal(0, 1 << 20, Key.Stream(0, 1));
        Array.Sort(values);
        double distance = 0;
        for (var i = 0; i < values.Length; i++)
            distance = Math.Max(distance, Math.Abs(DistributionFunction(values[i]) - (i + 0.5) / values.Length));
        // Kolmogorov–Smirnov at level 0.001; the key is fixed, so the test is too.
        Assert.True(distance < 1.95 / Math.Sqrt(values.Length), $"distance {distance}");
        Assert.InRange(values[^1], 4.2f, 6.7f);
        Assert.InRange(values[0], -6.7f, -4.2f);
    }

    [Fact]
    public void FillNormal_NeighbouringStreamsAndValues_AreUncorrelated()
    {
        const int count = 1 << 18;
        var reference = Normal(0, count, Key.Stream(0, 0));
        NoiseStream[] others =
        [
            Key.Stream(1, 0), Key.Stream(0, 1), Key.Stream(0, 0, 1), (Key with { Step = 18 }).Stream(0, 0), (Key with { Microbatch = 4 }).Stream(0, 0),
            (Key with { Seed = Key.Seed + 1 }).Stream(0, 0), (Key with { Purpose = NoisePurpose.Prediction }).Stream(0, 0),
        ];
        foreach (var other in others)
            AssertUncorrelated(reference, Normal(0, count, other));
        foreach (var lag in new[] { 1, 16, 32, 48, 64 })
            AssertUncorrelated(reference, Normal(lag, count, Key.Stream(0, 0)));
    }

    [Fact]
    public void FillNormal_FixedKey_GivesGoldenValues()
    {
        var values = Normal(0, 1 << 16, new NoiseKey(42, 7, 1).Stream(2, 3));
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values)));
        Assert.Equal("59d39ef9e8ce5ae0", hash[..16]);
    }

    [Fact]
    public void FillUniform_MillionValues_IsUniform()
    {
        var values = new float[1 << 20];
        CounterNoise.FillUniform(values, Key.Stream(0, 0));
        Assert.InRange(values.Min(), 0f, 1e-4f);
        Assert.InRange(values.Max(), 0.9999f, 0.99999995f);
        Assert.InRange(values.Average(v => (double)v), 0.4985, 0.5015);
    }

    [Theory]
    [InlineData(1UL << 32, 0, 0, 0, "Step")]
    [InlineData(0UL, 1 << 20, 0, 0, "Microbatch")]
    [InlineData(0UL, 0, 1 << 12, 0, "trajectory")]
    [InlineData(0UL, 0, 0, 1 << 16, "layer")]
    [InlineData(0UL, -1, 0, 0, "Microbatch")]
    public void Stream_NumberOutOfRange_IsRefusedByName(ulong step, int microbatch, int trajectory, int layer, string name) =>
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => new NoiseKey(0, step, microbatch).Stream(trajectory, layer)).ParamName);

    private static void AssertUncorrelated(float[] a, float[] b)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++)
            sum += (double)a[i] * b[i];
        Assert.InRange(sum / a.Length, -5 / Math.Sqrt(a.Length), 5 / Math.Sqrt(a.Length));
    }

    // Φ by numerical integration of the density from 0 (Simpson), accurate to 1e-9 on the range that occurs.
    private static double DistributionFunction(double x)
    {
        const int steps = 64;
        double h = x / steps, sum = 1 + Math.Exp(-x * x / 2);
        for (var i = 1; i < steps; i++)
            sum += (i % 2 == 0 ? 2 : 4) * Math.Exp(-(i * h) * (i * h) / 2);
        return 0.5 + sum * h / 3 / Math.Sqrt(2 * Math.PI);
    }
}
