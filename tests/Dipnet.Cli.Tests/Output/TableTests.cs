using Dipnet.Cli.Commands;
using Dipnet.Cli.Output;
using Dipnet.Protos;

namespace Dipnet.Cli.Tests.Output;

public sealed class TableTests
{
    private static readonly JobSpec Spec = new JobSource(null, [], null, null).Load().Job;

    [Fact]
    public void ResultTable_Redirected_IsPlainAndFits80Columns()
    {
        var screen = new TestScreen();

        ResultTable.Write(screen.Screen, Finished(0.961, 0.5), Spec);

        Assert.All(screen.Lines, line => Assert.True(line.Length <= 80, line));
        Assert.DoesNotContain('\u001b', screen.Text);
        Assert.Contains("96.1 %", screen.Text, StringComparison.Ordinal);
        Assert.Contains("| blocks.0", screen.Text, StringComparison.Ordinal);
        Assert.Contains($"weightsSha256 {new string('a', 64)}", screen.Lines);
    }

    [Fact]
    public void ResultTable_Quiet_WritesNothing()
    {
        var screen = new TestScreen(quiet: true);

        ResultTable.Write(screen.Screen, Finished(0.9, 0.5), Spec);

        Assert.Empty(screen.Text);
    }

    [Fact]
    public void ComparisonTable_TwoRuns_ShowsTheDifferenceInPoints()
    {
        var screen = new TestScreen();

        ComparisonTable.Write(screen.Screen, Finished(0.95, 0.40), Finished(0.94, 0.05), Spec);

        Assert.All(screen.Lines, line => Assert.True(line.Length <= 80, line));
        Assert.Contains("+35.0 points", screen.Text, StringComparison.Ordinal);
        Assert.Contains("+1.0 points", screen.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gathering", 0, "gathering: why")]
    [InlineData("running", 5, "step 5/10  loss 0.5000  1234 tokens/s  ETA 1:05  1 worker")]
    [InlineData("running", 10, "step 10/10  evaluating")]
    public void ProgressText_OfAJob_SaysWhereItIs(string status, int step, string expected)
    {
        var job = new JobSnapshot
        {
            JobId = "job-1", Status = status, Reason = "why\nmore", CommittedSteps = (ulong)step, TotalSteps = 10, Loss = 0.5, SamplesPerSecond = 1234, ThroughputUnit = "tokens/s", EtaSeconds = 65,
            Workers = { new WorkerSnapshot { Alive = true }, new WorkerSnapshot { Alive = false } },
        };

        Assert.Equal(expected, ProgressText.Of(job));
    }

    [Theory]
    [InlineData(0.00001234, "1.23e-5")]
    [InlineData(0.1234, "0.1234")]
    [InlineData(12.345, "12.35")]
    [InlineData(1234.4, "1234")]
    [InlineData(0, "0")]
    [InlineData(double.NaN, "NaN")]
    public void Number_OfAnySize_IsShort(double value, string expected)
    {
        Assert.Equal(expected, Figures.Number(value));
    }

    private static JobSnapshot Finished(double accuracy, double attacked) => new()
    {
        JobId = "vit-digits-1", Status = "completed", CommittedSteps = 100, TotalSteps = 100, WeightsSha256 = new string('a', 64), RunFolder = "/tmp/runs/vit-digits-1",
        SamplesPerSecond = 1000, ThroughputUnit = "samples/s", SecondsTotal = 61, Transport = "shm", WeightsBytes = 5_000_000, ProjectionsBytes = 1000,
        Metrics = { ["train/loss"] = 0.1, ["eval/accuracy"] = accuracy, ["eval/noiseAccuracy"] = 0.8, ["eval/pgdAccuracy"] = attacked },
        Sigma = { new LayerSigma { Layer = "blocks.0", Mean = 0.2, Min = 0.1, Max = 0.3 } },
    };
}
