using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Dipnet.Protos;
using Dipnet.Worker.Hosting;
using Google.Protobuf;

namespace Dipnet.Worker.Bench;

/// <summary>
/// <c>bench exchange</c>: one all-reduce of a gradient between worker processes on this host, sums checked. The ceiling, taken in the same run: under shared
/// memory every worker copying its gradient once; else the same bytes over raw sockets, or at the line's rate.
/// </summary>
internal static class ExchangeBench
{
    private const int DefaultWorkers = 2;

    public static System.CommandLine.Command Create()
    {
        var workers = new Option<int>("--workers") { Description = "Processes.", DefaultValueFactory = _ => DefaultWorkers };
        var mib = new Option<int>("--mib") { Description = "MiB of gradient in fp32.", DefaultValueFactory = _ => 25 };
        var transport = new Option<string>("--transport") { Description = "shm, lane or grpc.", DefaultValueFactory = _ => "shm" };
        var wire = new Option<string>("--wire") { Description = "fp32 or bf16.", DefaultValueFactory = _ => "fp32" };
        var network = new Option<string>("--network") { Description = "unix or tcp: what lanes and gRPC run over.", DefaultValueFactory = _ => "unix" };
        var runs = new Option<int>("--runs") { Description = "All-reduces that count.", DefaultValueFactory = _ => 21 };
        var places = new Option<string[]>("--place") { Description = "NAMESPACE=ADDRESS for each worker in turn: a network namespace, and the worker's address there." };
        var lineRate = new Option<int>("--line-rate") { Description = "Mbit/s of the link between the places: the ceiling.", DefaultValueFactory = _ => 0 };
        var json = new Option<bool>("--json") { Description = "One JSON line a case." };
        transport.AcceptOnlyFromAmong("shm", "lane", "grpc");
        wire.AcceptOnlyFromAmong("fp32", "bf16");
        network.AcceptOnlyFromAmong("unix", "tcp");
        AtLeast(workers, 2, 16);
        AtLeast(mib, 1, 1024);
        AtLeast(runs, 1, 10_000);
        AtLeast(lineRate, 0, 1_000_000);
        var command = new System.CommandLine.Command("exchange", "All-reduce of gradients between processes on this host.") { workers, mib, transport, wire, network, runs, places, lineRate, json };
        command.Validators.Add(result =>
        {
            var given = result.GetValue(places) ?? [];
            foreach (var place in given.Where(p => PlaceOf(p) is null))
            {
                result.AddError($"--place is {place}: it must be NAMESPACE=ADDRESS.");
            }

            // Validators do not see defaults.
            var expected = result.GetResult(workers) is { Tokens.Count: > 0 } ? result.GetValue(workers) : DefaultWorkers;
            if (given.Length > 0 && given.Length != expected)
            {
                result.AddError($"--place is given {given.Length} times: it must be once for each of the {expected} workers.");
            }
        });
        command.SetAction((parse, cancellation) => RunAsync(
            new ExchangeBenchCase
            {
                Workers = parse.GetValue(workers),
                Mib = parse.GetValue(mib),
                Transport = parse.GetValue(transport)!,
                Wire = parse.GetValue(wire)!,
                Runs = parse.GetValue(runs),
                Network = parse.GetValue(places) is { Length: > 0 } ? "tcp" : parse.GetValue(network)!,
                Places = [.. (parse.GetValue(places) ?? []).Select(p => PlaceOf(p)!.Value)],
                LineRate = parse.GetValue(lineRate),
            },
            parse.GetValue(json),
            cancellation));
        return command;
    }

    private static (string Namespace, string Address)? PlaceOf(string text) =>
        text.Split('=') is [{ Length: > 0 } space, var address] && IPAddress.TryParse(address, out _) ? (space, address) : null;

    private static void AtLeast(Option<int> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var value) && (value < least || value > most))
        {
            result.AddError($"{option.Name} is {value}: it must be {least} to {most}.");
        }
    });

    private static async Task<int> RunAsync(ExchangeBenchCase measured, bool json, CancellationToken cancellation)
    {
        var workers = measured.Workers;
        var processes = Enumerable.Range(0, workers)
            .Select(rank => BenchProcess.StartIn(measured.Places.Count > 0 ? measured.Places[rank].Namespace : null, measured.WorkerArguments(rank)))
            .ToArray();
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

            var answers = await BenchProcess.AllAsync(processes.Select(p => LineAsync(p, cancellation)));
            foreach (var process in processes)
            {
                process.StandardInput.Close();
            }

            CaseOf(measured, [.. answers.Select(a => a.Split(' ').Select(v => double.Parse(v, CultureInfo.InvariantCulture)).ToArray())]).Print(json);
            return ExitCode.Completed;
        }
        catch (BenchException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCode.Failed;
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

    /// <param name="answers">Of each worker: milliseconds of an all-reduce, of a copy; seconds of user and of system time for an all-reduce.</param>
    private static BenchCase CaseOf(ExchangeBenchCase measured, double[][] answers)
    {
        var milliseconds = answers.Max(t => t[0]);
        var ceiling = measured.Ceiling(answers.Max(t => t[1]));
        var gibibytes = (double)measured.BytesToSend * measured.Workers / (1 << 30);
        var (user, system) = (answers.Sum(t => t[2]) / gibibytes, answers.Sum(t => t[3]) / gibibytes);
        return new BenchCase(
            measured.Name,
            Math.Round(milliseconds, 3),
            Math.Round(milliseconds / ceiling.Milliseconds, 3),
            BusGiBps: Math.Round(measured.BytesToSend / milliseconds * 1000 / (1 << 30), 3),
            CpuSecondsPerGiB: Math.Round(user + system, 3),
            Note: string.Create(CultureInfo.InvariantCulture, $"ceiling {ceiling.Milliseconds:F2} ms: {ceiling.Note}; CPU s/GiB: user {user:F2}, system {system:F2}"));
    }

    private static async Task<string> LineAsync(Process process, CancellationToken cancellation) =>
        await process.StandardOutput.ReadLineAsync(cancellation)
        ?? throw new BenchException($"worker process {process.Id} ended");
}
