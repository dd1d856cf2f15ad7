using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Dipnet.Worker.Bench;
using Dipnet.Worker.Commands;
using Dipnet.Worker.Hosting;

namespace Dipnet.Worker.Tests.Bench;

/// <summary>The program itself, on the smallest cases: one JSON line a case with the keys that scripts read.</summary>
public sealed class BenchCommandTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("shm", "unix", "fp32", "exchange/shm/fp32/2x1MiB")]
    [InlineData("lane", "tcp", "bf16", "exchange/lane/tcp/bf16/2x1MiB")]
    [InlineData("grpc", "unix", "fp32", "exchange/grpc/unix/fp32/2x1MiB")]
    public async Task Exchange_Json_HasTheKeysOfACase(string transport, string network, string wire, string name)
    {
        var line = Assert.Single(await RunAsync(
            "exchange", "--workers", "2", "--mib", "1", "--transport", transport, "--network", network, "--wire", wire, "--runs", "3", "--json"));
        Assert.Equal(name, line["case"]!.GetValue<string>());
        foreach (var key in new[] { "milliseconds", "busGiBps", "ratioToCeiling", "cpuSecondsPerGiB" })
        {
            Assert.True(line[key]!.GetValue<double>() > 0, $"{key} is {line[key]}");
        }

        // Bus bandwidth = bytes / time · 2 (N − 1) / N.
        var bytes = (1 << 20) * (wire == "bf16" ? 0.5 : 1);
        var expected = bytes / line["milliseconds"]!.GetValue<double>() * 1000 / (1 << 30);
        Assert.InRange(line["busGiBps"]!.GetValue<double>(), (expected * 0.99) - 0.001, (expected * 1.01) + 0.001);
    }

    [Fact]
    public async Task Step_Json_HasTheKeysOfACase()
    {
        var line = Assert.Single(await RunAsync("step", "--width", "64", "--depth", "1", "--batch", "2", "--workers", "2", "--steps", "3", "--json"));
        Assert.Equal("step width 64 depth 1 batch 2 workers 2 auto fp32", line["case"]!.GetValue<string>());
        Assert.Equal(4000 / line["milliseconds"]!.GetValue<double>(), line["samplesPerSecond"]!.GetValue<double>(), 3);
        Assert.Matches("compute .*, exchange hidden .*, exposed .*, optimizer .* ms", line["note"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("step --width 64 --depth 1 --batch 4 --workers 2 --microbatches 2 --precision bf16 --steps 3 --json", "step width 64 depth 1 batch 4 workers 2 auto fp32", 8, "samplesPerSecond")]
    [InlineData("language --width 64 --depth 1 --kv-heads 1 --length 16 --batch 4 --workers 1 --microbatches 2 --precision bf16 --steps 3 --json",
        "language width 64 depth 1 length 16 batch 4 workers 1", 64, "tokensPerSecond")]
    public async Task Training_PartsAndPrecision_AreInTheNameAndTheRateIsOfTheWholeBatch(string line, string name, int perStep, string rate)
    {
        var measured = Assert.Single(await RunAsync(line.Split(' ')));
        Assert.Equal(name + " microbatches 2 compute bf16", measured["case"]!.GetValue<string>());
        Assert.Equal(perStep * 1000 / measured["milliseconds"]!.GetValue<double>(), measured[rate]!.GetValue<double>(), 3);
    }

    [Fact]
    public async Task Dipnet_AnotherShape_IsInTheNamesAndEveryVariantHasItsPeer()
    {
        var lines = await RunAsync("dipnet", "--rounds", "1", "--width", "64", "--depth", "1", "--batch", "2", "--precision", "bf16", "--json");
        Assert.Equal(7, lines.Length);
        Assert.All(lines, l => Assert.EndsWith(" width 64 depth 1 batch 2 compute bf16", l["case"]!.GetValue<string>(), StringComparison.Ordinal));
        Assert.All(lines, l => Assert.Matches("^ceiling: .* without projections; peak memory [1-9][0-9]* MiB$", l["note"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("step")]
    [InlineData("language")]
    [InlineData("dipnet")]
    public void Device_NoSuchWordOrGpu_EndsWithTheCodesOfAWorker(string part)
    {
        Assert.Equal(ExitCode.Configuration, BenchCommand.Create().Parse([part, "--device", "gpu"]).Invoke());
        Assert.Equal(ExitCode.Missing, BenchCommand.Create().Parse([part, "--device", "cuda:9999"]).Invoke());
    }

    [Theory]
    [InlineData("step --width 128 --depth 1 --batch 2 --workers 2 --steps 10000")]
    [InlineData("language --width 128 --depth 1 --batch 2 --workers 2 --steps 10000")]
    [InlineData("exchange --mib 100 --workers 2 --transport grpc --runs 1000")]
    public async Task AnyPart_AWorkerDies_EndsWithALineThatNamesIt(string line)
    {
        using var bench = Start(["bench", .. line.Split(' ')]);
        using var patience = new CancellationTokenSource(Patience);
        int[] Workers() => [.. Directory.GetDirectories($"/proc/{bench.Id}/task").SelectMany(Children).Order()];
        try
        {
            while (Workers().Length < 2)
            {
                await Task.Delay(50, patience.Token);
            }

            using (var last = Process.GetProcessById(Workers()[1]))
            {
                last.Kill();
                Assert.Equal($"worker process {last.Id} ended", (await bench.StandardError.ReadToEndAsync(patience.Token)).Trim());
            }

            await bench.WaitForExitAsync(patience.Token);
            Assert.Equal(ExitCode.Failed, bench.ExitCode);
        }
        finally
        {
            bench.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task Optimizer_Json_HasACeilingAndEveryCase()
    {
        var lines = await RunAsync("optimizer", "--parameters", "1", "--json");
        Assert.Equal(["copy", "adamw", "sgd", "norm", "adamw (TorchSharp)"], lines.Select(l => l["case"]!.GetValue<string>()));
        Assert.All(lines, l => Assert.True(l["milliseconds"]!.GetValue<double>() > 0));
        Assert.All(lines.Skip(1), l => Assert.True(l["ratioToCeiling"]!.GetValue<double>() > 0));
    }

    [Theory]
    [InlineData("--workers is 1", "exchange", "--workers", "1")]
    [InlineData("--place is given 1 times", "exchange", "--place", "a=127.0.0.1")]
    [InlineData("--place is a", "exchange", "--place", "a", "--place", "b")]
    [InlineData("--workers is 3", "step", "--workers", "3")]
    [InlineData("--overlap needs two workers", "step", "--overlap", "--workers", "1")]
    [InlineData("--overlap is measured on the CPU alone", "step", "--overlap", "--device", "cuda")]
    [InlineData("--overlap needs one part", "step", "--overlap", "--microbatches", "2")]
    [InlineData("--microbatches is 3: it must be a power of two", "step", "--microbatches", "3", "--batch", "3")]
    [InlineData("--microbatches is 64: it must divide --batch, 32", "step", "--microbatches", "64")]
    [InlineData("--microbatches is 4: it must divide --batch, 6", "language", "--microbatches", "4", "--batch", "6")]
    [InlineData("--kv-heads is 2: it must divide the 1 heads", "language", "--width", "64")]
    [InlineData("fp64", "language", "--precision", "fp64")]
    [InlineData("--width is 65", "dipnet", "--width", "65")]
    [InlineData("--batch is 5000", "dipnet", "--batch", "5000")]
    public void Arguments_BreakARule_AreRefusedByNameValueAndRule(string error, string part, params string[] arguments) =>
        Assert.Contains(BenchCommand.Create().Parse([part, .. arguments]).Errors, e => e.Message.Contains(error, StringComparison.Ordinal));

    private static async Task<JsonNode[]> RunAsync(params string[] arguments)
    {
        using var process = Start(["bench", .. arguments]);
        using var patience = new CancellationTokenSource(Patience);
        var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        Assert.Equal(0, process.ExitCode);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!)];
    }

    /// <summary>Processes that a thread has started; none of one that is gone.</summary>
    private static int[] Children(string thread)
    {
        try
        {
            return [.. File.ReadAllText(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo("dotnet", [typeof(ExchangeBench).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
}
