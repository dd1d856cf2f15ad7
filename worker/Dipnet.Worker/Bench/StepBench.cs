using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Globalization;
using Dipnet.Exchange;
using Dipnet.Protos;
using Dipnet.Worker.Hosting;
using Google.Protobuf;
using static TorchSharp.torch;

namespace Dipnet.Worker.Bench;

/// <summary>
/// <c>bench step</c>: the training loop as a job runs it, in as many worker processes as asked for, on a vision transformer without projections, so that it
/// can be put beside any data-parallel trainer.
/// </summary>
internal static class StepBench
{
    private const string Job = "bench";
    private const int WarmUp = 3;
    private const int Pairs = 3;

    public static System.CommandLine.Command Create()
    {
        var width = new Option<int>("--width") { Description = "Width of the transformer, a multiple of 64.", DefaultValueFactory = _ => 192 };
        var depth = new Option<int>("--depth") { Description = "Blocks.", DefaultValueFactory = _ => 6 };
        var batch = new Option<int>("--batch") { Description = "Samples a worker and step.", DefaultValueFactory = _ => 32 };
        var workers = new Option<int>("--workers") { Description = "Worker processes with a thread each; a power of two.", DefaultValueFactory = _ => 2 };
        var steps = new Option<int>("--steps") { Description = "Steps that count.", DefaultValueFactory = _ => 12 };
        var transport = new Option<string>("--transport") { Description = "How gradients travel.", DefaultValueFactory = _ => "auto" };
        transport.AcceptOnlyFromAmong("auto", "shm", "grpc", "lane");
        var wire = new Option<string>("--wire") { Description = "Gradients on the wire.", DefaultValueFactory = _ => "fp32" };
        wire.AcceptOnlyFromAmong("fp32", "bf16");
        var bucket = new Option<int>("--bucket-mib") { Description = "MiB of a bucket.", DefaultValueFactory = _ => 4 };
        var microbatches = BenchDevice.MicrobatchesOption();
        var device = BenchDevice.DeviceOption();
        var precision = BenchDevice.PrecisionOption();
        var overlap = new Option<bool>("--overlap") { Description = "Slow the exchange down until it takes as long as backward; the ceiling is the longer of compute and exchange." };
        var json = new Option<bool>("--json") { Description = "One JSON line." };
        var command = new System.CommandLine.Command("step", "Samples a second of the training loop.")
        {
            width, depth, batch, microbatches, workers, device, precision, steps, transport, wire, bucket, overlap, json,
        };
        Require(width, value => value is >= 64 and <= 4096 && value % 64 == 0, "a multiple of 64, 64 … 4096");
        Require(workers, value => value is 1 or 2 or 4 or 8, "1, 2, 4 or 8");
        command.Validators.Add(result =>
        {
            BenchDevice.RequireDivides(result, microbatches, batch);
            if (!result.GetValue(overlap))
            {
                return;
            }

            if (result.GetValue(workers) == 1)
            {
                result.AddError("--overlap needs two workers or more: one exchanges nothing.");
            }

            if (result.GetValue(device) is { } place && place != BenchDevice.Cpu)
            {
                result.AddError($"--overlap is measured on the CPU alone, where a phase ends when its work is done: --device is {place}.");
            }

            if (result.GetValue(microbatches) is > 1 and var parts)
            {
                result.AddError($"--overlap needs one part, since only the last one's backward hides an exchange: --microbatches is {parts}.");
            }
        });
        foreach (var option in new[] { depth, batch, steps, bucket })
        {
            Require(option, value => value is >= 1 and <= 10_000, "1 … 10000");
        }

        command.SetAction(parse => BenchDevice.On(parse.GetValue(device)!, place =>
        {
            var job = BenchJobs.Vit(parse.GetValue(width), parse.GetValue(depth), parse.GetValue(batch), parse.GetValue(workers), parse.GetValue(microbatches));
            (job.Exchange.Transport, job.Exchange.Wire, job.Precision) = (parse.GetValue(transport)!, parse.GetValue(wire)!, parse.GetValue(precision)!);
            job.Exchange.BucketMib = (uint)parse.GetValue(bucket);
            var measured = parse.GetValue(overlap) ? OverlapCase(job, parse.GetValue(steps)) : Case(job, place, Measure(job, place, parse.GetValue(steps)));
            measured.Print(parse.GetValue(json));
            return ExitCode.Completed;
        }));
        return command;
    }

    internal static void Require(Option<int> option, Func<int, bool> holds, string rule) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var value) && !holds(value))
        {
            result.AddError($"{option.Name} is {value}: it must be {rule}.");
        }
    });

    /// <summary>An option's value for a rule over several: while a line is judged, one that is not in it has no value yet.</summary>
    internal static int Value(CommandResult result, Option<int> option) => result.GetResult(option) is null ? (int)option.GetDefaultValue()! : result.GetValue(option);

    /// <summary>Rank 0's reports of the steps that count.</summary>
    internal static StepReport[] Measure(JobSpec job, Device device, int steps, params string[] workerArguments)
    {
        var folder = Directory.CreateTempSubdirectory("dipnet-bench-");
        var workers = Enumerable.Range(0, (int)job.Workers.Count)
            .Select(_ => BenchProcess.Start(["bench", "step-worker", "--device", device.ToString(), .. workerArguments])).ToArray();
        try
        {
            var members = ReadAll(workers).Select((message, rank) => MemberOf(message.Hello, rank)).ToArray();
            Tell(workers, new CoordinatorMessage { Join = new Join { JobId = Job, Job = job, RunFolder = folder.FullName } });
            Tell(workers, new CoordinatorMessage { Fence = new Fence { JobId = Job, Generation = 1 } });
            ReadAll(workers);
            var plan = new Plan { JobId = Job, Generation = 1, Token = ByteString.CopyFromUtf8(Guid.NewGuid().ToString("N")) };
            plan.Members.AddRange(members);
            plan.Owners.AddRange(ReductionTree.ContiguousOwners((int)job.Microbatches, workers.Length).Select(rank => (uint)rank));
            Tell(workers, new CoordinatorMessage { Plan = plan });
            return [.. Enumerable.Range(0, WarmUp + steps).Select(_ => ReadAll(workers)[0].Steps.Steps[0]).Skip(WarmUp)];
        }
        finally
        {
            foreach (var worker in workers)
            {
                worker.Kill();
                worker.WaitForExit();
                worker.Dispose();
            }

            folder.Delete(recursive: true);
        }
    }

    private static BenchCase Case(JobSpec job, Device device, StepReport[] steps)
    {
        var milliseconds = Median(steps, s => s.Step);
        return new BenchCase(Name("step", job) + Suffix(job, device), milliseconds, SamplesPerSecond: job.GlobalBatch * 1000 / milliseconds, Note: Phases(steps));
    }

    /// <summary>
    /// 1. Steps with the fastest exchange there is say how long compute takes; backward is two thirds of forward and backward. 2. The same steps over lanes
    /// whose rate is such that the exchange alone takes as long as backward. Both by turns, because a shared machine's speed drifts: the median pair counts.
    /// </summary>
    private static BenchCase OverlapCase(JobSpec job, int steps) =>
        Enumerable.Range(0, Pairs).Select(_ => OverlapPair(job, steps)).OrderBy(c => c.RatioToCeiling).ElementAt(Pairs / 2);

    private static BenchCase OverlapPair(JobSpec job, int steps)
    {
        job.Exchange.Transport = "shm";
        var free = Measure(job, CPU, steps);
        var alone = Median(free, s => s.Step) - Median(free, s => s.ExchangeExposed);
        var backward = Median(free, s => s.Compute) * 2 / 3;

        // A worker receives over two lanes from each peer: its nodes, its results.
        var bytesOfALane = (free[0].WeightsBytes + free[0].ProjectionsBytes) / (2 * (job.Workers.Count - 1.0));
        job.Exchange.Transport = "lane";
        var slowed = Measure(job, CPU, steps, "--lane-rate", ((long)(bytesOfALane * 1000 / backward)).ToString(CultureInfo.InvariantCulture));
        var milliseconds = Median(slowed, s => s.Step);
        var note = string.Create(CultureInfo.InvariantCulture,
            $"ceiling: the longer of the step without waiting, {alone:F1} ms, and the exchange alone, {backward:F1} ms at {bytesOfALane / backward / 1000:F1} MB/s a lane; {Phases(slowed)}");
        return new BenchCase(Name("overlap", job) + Suffix(job, CPU), milliseconds, Math.Round(milliseconds / Math.Max(alone, backward), 3), job.GlobalBatch * 1000 / milliseconds, note);
    }

    private static string Name(string kind, JobSpec job) =>
        $"{kind} width {job.Model.Dim} depth {job.Model.Depth} batch {job.GlobalBatch / job.Workers.Count} workers {job.Workers.Count} {job.Exchange.Transport} {job.Exchange.Wire}";

    internal static string Suffix(JobSpec job, Device device) => BenchDevice.Suffix(device, job.Precision, (int)(job.Microbatches / job.Workers.Count));

    internal static string Phases(StepReport[] steps) => string.Create(CultureInfo.InvariantCulture,
        $"compute {Median(steps, s => s.Compute):F1}, exchange hidden {Median(steps, s => s.ExchangeHidden):F1}, exposed {Median(steps, s => s.ExchangeExposed):F1}, optimizer {Median(steps, s => s.Optimizer):F1} ms");

    internal static double Median(StepReport[] steps, Func<PhaseSeconds, double> phase) => 1000 * steps.Select(s => phase(s.Seconds)).Order().ElementAt(steps.Length / 2);

    private static Member MemberOf(Hello hello, int rank) =>
        new() { Rank = (uint)rank, WorkerId = hello.WorkerId, HostIdentity = hello.HostIdentity, Endpoints = hello.Endpoints };

    private static void Tell(IEnumerable<Process> workers, CoordinatorMessage message)
    {
        foreach (var worker in workers)
        {
            worker.StandardInput.WriteLine(message.ToByteString().ToBase64());
            worker.StandardInput.Flush();
        }
    }

    private static WorkerMessage[] ReadAll(Process[] workers) =>
        BenchProcess.AllAsync(workers.Select(worker => Task.Run(() => Read(worker)))).GetAwaiter().GetResult();

    private static WorkerMessage Read(Process worker)
    {
        var line = worker.StandardOutput.ReadLine() ?? throw new BenchException($"worker process {worker.Id} ended");
        var message = WorkerMessage.Parser.ParseFrom(ByteString.FromBase64(line));
        return message.Fault is null ? message : throw new BenchException($"worker process {worker.Id}: {message.Fault.Message}");
    }
}
