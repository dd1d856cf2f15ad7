using CsCheck;
using Dipnet.Exchange;
using Dipnet.Protos;
using Dipnet.Worker.Optimization;

namespace Dipnet.Worker.Tests.Optimization;

public sealed unsafe class OptimizerTests
{
    private static readonly OptimizerGroup AdamW = new() { Kind = "adamw", LearningRate = 0.01f, WeightDecay = 0.1f, Beta1 = 0.9f, Beta2 = 0.99f, Epsilon = 1e-8f };
    private static readonly OptimizerGroup Sgd = new() { Kind = "sgd", LearningRate = 0.1f, WeightDecay = 0.01f, Momentum = 0.9f };

    [Theory]
    [InlineData("adamw")]
    [InlineData("sgd")]
    public void Step_TenSteps_FollowsTheFormulaInDouble(string kind)
    {
        const int Count = 37;
        var group = kind == "adamw" ? AdamW : Sgd;
        var random = new Random(1);
        var parameters = Enumerable.Range(0, Count).Select(_ => (float)random.NextDouble() - 0.5f).ToArray();
        var expected = parameters.Select(p => (double)p).ToArray();
        var (m, v) = (new double[Count], new double[Count]);
        using var rig = new Rig(parameters, [new OptimizerSegment(0, Count, ParameterGroup.Weights, true)], new OptimizerSpec { Weights = group, Projections = group });
        for (ulong step = 0; step < 10; step++)
        {
            var gradient = Enumerable.Range(0, Count).Select(_ => (float)random.NextDouble() - 0.5f).ToArray();
            rig.Step(gradient, step, scale: 0.25f);
            for (var i = 0; i < Count; i++)
            {
                var g = gradient[i] * 0.25;
                if (kind == "sgd")
                {
                    m[i] = 0.9 * m[i] + g;
                    expected[i] = expected[i] * (1 - 0.1 * 0.01) - 0.1 * m[i];
                    continue;
                }

                m[i] = 0.9 * m[i] + 0.1 * g;
                v[i] = 0.99 * v[i] + 0.01 * g * g;
                var (mHat, vHat) = (m[i] / (1 - Math.Pow(0.9, step + 1)), v[i] / (1 - Math.Pow(0.99, step + 1)));
                expected[i] = expected[i] * (1 - 0.01 * 0.1) - 0.01 * mHat / (Math.Sqrt(vHat) + 1e-8);
            }
        }

        Assert.All(rig.Values().Zip(expected), p => Assert.Equal(p.Second, p.First, 1e-5));
    }

    [Fact]
    public void Step_GradientInAnySpans_GivesTheSameBits() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[0, 1000]).Sample((pieces, seed) =>
        {
            const int Count = 512;
            var random = new Random(seed);
            var values = Enumerable.Range(0, Count).Select(_ => (float)random.NextDouble()).ToArray();
            OptimizerSegment[] segments = [new(0, 200, ParameterGroup.Weights, true), new(200, 56, ParameterGroup.Weights, false), new(256, 256, ParameterGroup.Projections, true)];
            var spec = new OptimizerSpec { Weights = AdamW, Projections = Sgd };
            using var whole = new Rig(values, segments, spec);
            using var cut = new Rig(values, segments, spec);
            var gradient = values.Select(x => x - 0.5f).ToArray();
            var cuts = Enumerable.Range(0, pieces).Select(_ => random.Next(0, Count / 16) * 16).Append(0).Append(Count).Distinct().Order().ToArray();
            whole.Step(gradient, 3, 0.5f);
            cut.Step(gradient, 3, 0.5f, cuts);
            return whole.Values().SequenceEqual(cut.Values()) && whole.Norm(gradient) == cut.Norm(gradient, cuts);
        });

    [Fact]
    public void Step_BiasInWeights_DoesNotDecay()
    {
        using var rig = new Rig([1f, 1f], [new(0, 1, ParameterGroup.Weights, true), new(1, 1, ParameterGroup.Weights, false)], new OptimizerSpec { Weights = AdamW, Projections = AdamW });
        rig.Step([0f, 0f], 0, 1);
        Assert.Equal(0.999f, rig.Values()[0]);
        Assert.Equal(1f, rig.Values()[1]);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Norm_NonFiniteElement_IsNonFinite(float value)
    {
        using var rig = new Rig(new float[100], [new(0, 100, ParameterGroup.Weights, true)], new OptimizerSpec { Weights = AdamW, Projections = AdamW });
        var gradient = new float[100];
        gradient[77] = value;
        Assert.False(double.IsFinite(rig.Norm(gradient).Weights));
    }

    [Fact]
    public void Norm_ManyBlocks_IsTheSumOfSquares()
    {
        var gradient = Enumerable.Range(0, 200_000).Select(i => i % 7 - 3f).ToArray();
        OptimizerSegment[] segments = [new(0, 150_000, ParameterGroup.Weights, true), new(150_000, 50_000, ParameterGroup.Projections, true)];
        using var rig = new Rig(new float[1], segments, new OptimizerSpec { Weights = AdamW, Projections = AdamW });
        var (weights, projections) = rig.Norm(gradient);
        Assert.Equal(gradient.Take(150_000).Sum(g => (double)g * g), weights);
        Assert.Equal(gradient.Skip(150_000).Sum(g => (double)g * g), projections);
    }
}
