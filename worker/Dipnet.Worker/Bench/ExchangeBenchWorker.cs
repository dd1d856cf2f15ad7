using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Numerics;
using Dipnet.Exchange;
using Dipnet.Protos;
using Dipnet.Worker.Hosting;
using Google.Protobuf;
using WireFormat = Dipnet.Exchange.WireFormat;

namespace Dipnet.Worker.Bench;

/// <summary>A process of <c>bench exchange</c>: says where it listens, takes the plan, answers with its times
/// (all-reduce and copy in ms, user and system time of an all-reduce in s), ends with its input.</summary>
internal static class ExchangeBenchWorker
{
    private const int CopyWarmUp = 3;

    /// <summary>Elements that are reduced before anything is measured: enough for the run time to have compiled the exchange for good.</summary>
    private const int WarmUpElements = 300 << 20;
    private const int ParameterElements = 1 << 18;
    private const long BucketBytes = 8 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static System.CommandLine.Command Create()
    {
        var mib = new Option<int>("--mib");
        var transport = new Option<string>("--transport");
        var wire = new Option<string>("--wire");
        var runs = new Option<int>("--runs");
        var network = new Option<string>("--network");
        var address = new Option<string>("--address");
        var command = new System.CommandLine.Command("exchange-worker", "A worker of bench exchange.") { mib, transport, wire, runs, network, address };
        command.Hidden = true;
        command.SetAction((parse, cancellation) => RunAsync(
            new ExchangeHostOptions { UnixSockets = parse.GetValue(network) == "unix", Address = IPAddress.Parse(parse.GetValue(address)!) },
            parse.GetValue(mib) << 18,
            Enum.Parse<TransportChoice>(parse.GetValue(transport)!, ignoreCase: true),
            Enum.Parse<WireFormat>(parse.GetValue(wire)!, ignoreCase: true),
            parse.GetValue(runs),
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        ExchangeHostOptions listen, int elements, TransportChoice transport, WireFormat wire, int runs, CancellationToken cancellation)
    {
        await using var host = await ExchangeHost.StartAsync(listen, cancellation);
        var id = $"{Environment.ProcessId}";
        Console.WriteLine(new Member { WorkerId = id, HostIdentity = host.HostIdentity, Endpoints = host.Endpoints }.ToByteString().ToBase64());
        if (await Console.In.ReadLineAsync(cancellation) is not { } line)
        {
            return ExitCode.Failed;
        }

        var plan = Plan.Parser.ParseFrom(ByteString.FromBase64(line));
        var microbatches = (int)BitOperations.RoundUpToPowerOf2((uint)plan.Members.Count);
        var layout = GradientLayout.Create(elements, 0, BucketBytes, [.. Enumerable.Range(0, elements / ParameterElements).Select(i => (long)i * ParameterElements)]);
        using var arena = new GradientArena(layout, microbatches);
        await using var session = host.Open(new SessionOptions
        {
            Job = plan.JobId,
            Generation = plan.Generation,
            Token = plan.Token.Memory,
            Rank = (int)plan.Members.Single(m => m.WorkerId == id).Rank,
            Members = plan.Members,
            Layout = layout,
            Arena = arena,
            Microbatches = microbatches,
            Transport = transport,
            Wire = wire,
        });
        Console.WriteLine(Measure(session, arena, plan, elements, wire, microbatches, runs));

        // Peers may still be reading this worker's part of the last result.
        await Console.In.ReadLineAsync(cancellation);
        return ExitCode.Completed;
    }

    private static unsafe string Measure(ExchangeSession session, GradientArena arena, Plan plan, int elements, WireFormat wire, int microbatches, int runs)
    {
        var rank = (int)plan.Members.Single(m => m.WorkerId == $"{Environment.ProcessId}").Rank;
        var owners = ReductionTree.ContiguousOwners(microbatches, plan.Members.Count);
        var nodes = ReductionTree.Cover(owners, rank).Select((node, slot) => (node, slot)).ToArray();
        foreach (var (node, slot) in nodes)
        {
            var weight = Enumerable.Range(node.First, node.Count).Sum(m => m + 1);
            for (var i = 0; i < elements; i++)
            {
                arena.Slot(slot)[i] = weight * (i & 1023);
            }
        }

        ulong step = 0;
        using var patience = new CancellationTokenSource(Patience);
        void AllReduce()
        {
            session.BeginStep(step++, owners, nodes);
            for (var b = 0; b < arena.Layout.Buckets.Count; b++)
            {
                session.PublishBucket(b);
            }

            if (session.Wait(patience.Token) is StepOutcome.Interrupted interrupted)
            {
                throw new TimeoutException($"An all-reduce took longer than {Patience}: {interrupted.Reason}");
            }
        }

        // All workers do it at once, as they do at an all-reduce: the first one lets them meet.
        AllReduce();
        var copy = new float[elements];
        var own = arena.Slot(0);
        double copying;
        fixed (float* target = copy)
        {
            var to = target;
            copying = BenchCase.Median(() => System.Buffer.MemoryCopy(own, to, elements * 4L, elements * 4L), runs, CopyWarmUp);
        }

        for (var i = 0; i < Math.Max(CopyWarmUp, WarmUpElements / elements); i++)
        {
            AllReduce();
        }

        var before = Environment.CpuUsage;
        var exchanging = BenchCase.Median(AllReduce, runs, 0);
        var after = Environment.CpuUsage;
        var user = (after.UserTime - before.UserTime).TotalSeconds / runs;
        var system = (after.PrivilegedTime - before.PrivilegedTime).TotalSeconds / runs;
        Check(session, microbatches * (microbatches + 1) / 2, wire);
        return string.Create(CultureInfo.InvariantCulture, $"{exchanging} {copying} {user} {system}");
    }

    private static unsafe void Check(ExchangeSession session, int weight, WireFormat wire)
    {
        foreach (var span in session.Reduced)
        {
            for (long i = 0; i < span.Count; i++)
            {
                var expected = (float)weight * ((span.Offset + i) & 1023);
                var actual = ((float*)span.Pointer)[i];
                var allowed = wire == WireFormat.Bf16 ? expected / 64 : 0;
                if (!(Math.Abs(actual - expected) <= allowed))
                {
                    throw new InvalidDataException($"Element {span.Offset + i} of the sum is {actual}: it must be {expected}.");
                }
            }
        }
    }
}
