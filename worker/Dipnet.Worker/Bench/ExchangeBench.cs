using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Dipnet.Protos;
using Dipnet.Worker.Hosting;
using Google.Protobuf;

namespace Dipnet.Worker.Bench;

/// <summary>
/// <c>bench exchange</c>: one all-reduce of a gradient between worker processes on this host, sums checked. The ceiling, taken in the same run: under shared
/// memory every worker copying its gradient once; else the same bytes over raw Unix sockets.
/// </summary>
internal static class ExchangeBench
{
    public static System.CommandLine.Command Create()
    {
        var workers = new Option<int>("--workers") { Description = "Processes.", DefaultValueFactory = _ => 2 };
        var mib = new Option<int>("--mib") { Description = "MiB of gradient in fp32.", DefaultValueFactory = _ => 25 };
        var transport = new Option<string>("--transport") { Description = "shm, lane or grpc.", DefaultValueFactory = _ => "shm" };
        var wire = new Option<string>("--wire") { Description = "fp32 or bf16.", DefaultValueFactory = _ => "fp32" };
        var runs = new Option<int>("--runs") { Description = "All-reduces that count.", DefaultValueFactory = _ => 21 };
        var json = new Option<bool>("--json") { Description = "One JSON line a case." };
        transport.AcceptOnlyFromAmong("shm", "lane", "grpc");
        wire.AcceptOnlyFromAmong("fp32", "bf16");
        AtLeast(workers, 2, 16);
        AtLeast(mib, 1, 1024);
        AtLeast(runs, 1, 10_000);
        var command = new System.CommandLine.Command("exchange", "All-reduce of gradients between processes on this host.") { workers, mib, transport, wire, runs, json };
        command.SetAction((parse, cancellation) => RunAsync(
            parse.GetValue(workers), parse.GetValue(mib), parse.GetValue(transport)!, parse.GetValue(wire)!, parse.GetValue(runs), parse.GetValue(json), cancellation));
        return command;
    }

    private static void AtLeast(Option<int> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var value) && (value < least || value > most))
        {
            result.AddError($"{option.Name} is {value}: it must be {least} to {most}.");
        }
    });

    private static async Task<int> RunAsync(int workers, int mib, string transport, string wire, int runs, bool json, CancellationToken cancellation)
    {
        string[] arguments = ["bench", "exchange-worker", "--mib", Text(mib), "--transport", transport, "--wire", wire, "--runs", Text(runs)];
        var processes = Enumerable.Range(0, workers).Select(_ => BenchProcess.Start(arguments)).ToArray();
        try
        {
            var plan = new Plan { JobId = "bench", Generation = 1, Token = ByteString.CopyFromUtf8(Guid.NewGuid().ToString("N")) };
            for (var rank = 0; rank < workers; rank++)
            {
                var member = Member.Parser.ParseFrom(ByteString.FromBase64(await LineAsync(processes[rank], cancellation)));
                member.Rank = (uint)rank;
                plan.Members.Add(member);
            }

            foreach (var process in processes)
            {
                await process.StandardInput.WriteLineAsync(plan.ToByteString().ToBase64());
                await process.StandardInput.FlushAsync(cancellation);
            }

            var answers = await Task.WhenAll(processes.Select(p => LineAsync(p, cancellation)));
            var times = answers.Select(a => a.Split(' ').Select(v => double.Parse(v, CultureInfo.InvariantCulture)).ToArray()).ToArray();
            foreach (var process in processes)
            {
                process.StandardInput.Close();
            }

            // What an all-reduce must send from each worker at least.
            var bytes = (long)(2.0 * (workers - 1) / workers * mib * (1 << 20) * (wire == "bf16" ? 0.5 : 1));
            var milliseconds = times.Max(t => t[0]);
            var ceiling = transport == "shm" ? times.Max(t => t[1]) : SocketCeiling.Milliseconds(workers, bytes);
            new BenchCase(
                $"exchange/{transport}/{wire}/{workers}x{mib}MiB",
                Math.Round(milliseconds, 3),
                Math.Round(milliseconds / ceiling, 3),
                BusGiBps: Math.Round(bytes / milliseconds * 1000 / (1 << 30), 3),
                Note: string.Create(CultureInfo.InvariantCulture, $"ceiling {ceiling:F2} ms: {(transport == "shm" ? "each worker copies its gradient once" : "the same bytes over raw Unix sockets")}"))
                .Print(json);
            return ExitCode.Completed;
        }
        finally
        {
            foreach (var process in processes)
            {
                if (!process.WaitForExit(TimeSpan.FromSeconds(5)))
                {
                    process.Kill();
                }

                process.Dispose();
            }
        }
    }

    private static async Task<string> LineAsync(Process process, CancellationToken cancellation) =>
        await process.StandardOutput.ReadLineAsync(cancellation)
        ?? throw new InvalidOperationException($"worker process {process.Id} of the benchmark ended early");

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
