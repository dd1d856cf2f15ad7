using System.Text.Json;
using Dipnet.Cli.Output;

namespace Dipnet.Cli.Tests.Output;

public sealed class PlanTableTests
{
    private const string Plan = """
        {
          "job": "a-job", "model": "qwen2, 24 × 896, 14 heads (2 kv), 151936 tokens, context 1024",
          "missing": ["/models/somewhere/Qwen2.5-0.5B: is not on this machine; planned from the published shape of Qwen2.5-0.5B"],
          "workers": 2, "precision": "bf16", "activationCheckpointing": true,
          "parameters": { "total": 502853376, "weights": 502830976, "projections": 22400, "trained": 8820608, "frozen": 494032768 },
          "batch": { "globalBatch": 32, "microbatches": 8, "microbatchesPerWorker": 4, "samplesPerMicrobatch": 4, "trajectories": 1, "rowsPerMicrobatch": 4096 },
          "memory": {
            "trainedParameters": 35282432, "frozenParameters": 1976131072, "optimizerState": 70564864, "gradientArena": 105847296, "narrowCopies": 302000000,
            "activationsKept": 14731444224, "activationsCheckpointed": 7910000000, "activations": 7910000000,
            "cpuTotal": 10400000000, "deviceTotal": 10250000000, "hostTotal": 246977024
          },
          "exchange": { "buckets": 4, "largestBucket": 26100000, "gradient": 35282432, "sentPerWorker": 35282432, "sentTotal": 70564864 },
          "checkpointBytes": 105847296,
          "compute": { "stepTotal": 96270000000000, "stepPerWorker": 48140000000000 },
          "times": [
            { "device": "H100 SXM", "basis": "40 % of 989.4 TFLOP/s", "teraflopsPerSecond": 395.76, "computeSeconds": 0.1216, "exchangeSeconds": 0.0033 },
            { "device": "as stated", "basis": "2 TFLOP/s", "teraflopsPerSecond": 2, "computeSeconds": 24.07, "exchangeSeconds": null }
          ]
        }
        """;

    [Fact]
    public void Write_Plan_SaysWhatTheJobNeedsWithin80Columns()
    {
        var screen = new TestScreen();
        using var plan = JsonDocument.Parse(Plan);

        PlanTable.Write(screen.Screen, plan.RootElement);

        Assert.All(screen.Lines, line => Assert.True(line.Length <= 80, line));
        Assert.All(
            ["502,853,376 (22,400 of projections)", "missing: /models/somewhere/Qwen2.5-0.5B", "about 13.72 GiB", "… checkpointed *", "33.6 MiB in 4 buckets",
                "96.27 TFLOP", "122 ms to 125 ms at 40 % of 989.4 TFLOP/s", "24.07 s at 2 TFLOP/s"],
            text => Assert.Contains(text, screen.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void Rows_NothingFrozenInFp32_LeaveThoseLinesOut()
    {
        using var plan = JsonDocument.Parse(Plan.Replace("1976131072", "0", StringComparison.Ordinal).Replace("302000000", "0", StringComparison.Ordinal));

        Assert.DoesNotContain(PlanTable.Rows(plan.RootElement), row => row.Name is "  frozen parameters" or "  bf16 copies");
    }
}
