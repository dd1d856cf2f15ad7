using Dipnet.Worker.Tests.Cluster;

namespace Dipnet.Worker.Tests.Training;

public sealed class PrecisionTests
{
    [Fact]
    public async Task Train_Bf16_LearnsLikeFp32WithOtherBits()
    {
        var full = await LossesAsync("fp32");
        var narrow = await LossesAsync("bf16");
        Assert.True(full[^1] < 0.95 * full[0], $"fp32 has not learned: {full[0]} to {full[^1]}");
        Assert.NotEqual(full[0], narrow[0]);
        for (var step = 0; step < full.Length; step++)
        {
            // bf16 keeps 8 bits, so single activations are off by up to 1/256; what that does to a batch's mean over 30 steps stays below this.
            Assert.InRange(narrow[step], full[step] * 0.95, full[step] * 1.05);
        }
    }

    private static async Task<double[]> LossesAsync(string precision)
    {
        var job = TestJobs.Vit(steps: 30);
        job.Precision = precision;
        job.Optimizer.Weights.LearningRate = 5e-3f;
        var run = await TestCluster.RunAsync(job, 1);
        return [.. run.Steps.OrderBy(s => s.Step).Select(s => s.Losses.Average(l => l.Nll))];
    }
}
