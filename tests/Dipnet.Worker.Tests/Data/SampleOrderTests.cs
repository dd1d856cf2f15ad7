using CsCheck;
using Dipnet.Worker.Data;

namespace Dipnet.Worker.Tests.Data;

public sealed class SampleOrderTests
{
    [Fact]
    public void Permute_AnySeedAndEpoch_HasEverySampleOnce() =>
        Gen.Select(Gen.Int[1, 300], Gen.ULong, Gen.ULong[0, 50]).Sample((samples, seed, epoch) =>
            SampleOrder.Permute(samples, seed, epoch).Order().SequenceEqual(Enumerable.Range(0, samples)));

    [Fact]
    public void Permute_OtherSeedOrEpoch_DiffersAndSameIsSame()
    {
        var order = SampleOrder.Permute(1000, 1, 0);
        Assert.Equal(order, SampleOrder.Permute(1000, 1, 0));
        Assert.NotEqual(order, SampleOrder.Permute(1000, 2, 0));
        Assert.NotEqual(order, SampleOrder.Permute(1000, 1, 1));
    }

    [Fact]
    public void Fill_ManySteps_SeesEverySampleOnceAnEpoch()
    {
        const int Samples = 50;
        var order = new SampleOrder(Samples, 7, globalBatch: 8, microbatches: 4);
        var seen = new List<int>();
        var ids = new int[order.MicrobatchSize];
        for (ulong step = 0; step < 25; step++)
        {
            for (var m = 0; m < 4; m++)
            {
                order.Fill(step, m, ids);
                seen.AddRange(ids);
            }
        }

        Assert.Equal(200, seen.Count);
        foreach (var epoch in seen.Chunk(Samples))
        {
            Assert.Equal(Enumerable.Range(0, Samples), epoch.Order());
        }
    }

    [Fact]
    public void Fill_AnyCallOrder_IsAFunctionOfStepAndMicrobatch() =>
        Gen.Select(Gen.Int[1, 40], Gen.ULong[0, 60], Gen.Int[0, 3]).Sample((samples, step, microbatch) =>
        {
            var (first, second) = (new int[2], new int[2]);
            var walked = new SampleOrder(samples, 3, 8, 4);
            for (ulong s = 0; s < step; s++)
            {
                walked.Fill(s, 3, first);
            }

            walked.Fill(step, microbatch, first);
            new SampleOrder(samples, 3, 8, 4).Fill(step, microbatch, second);
            return first.SequenceEqual(second);
        });

    [Fact]
    public void Constructor_BatchNotDivisible_SaysBothNumbers()
    {
        var error = Assert.Throws<DataException>(() => new SampleOrder(10, 0, 10, 4));
        Assert.Contains("10", error.Message, StringComparison.Ordinal);
        Assert.Contains("4", error.Message, StringComparison.Ordinal);
    }
}
