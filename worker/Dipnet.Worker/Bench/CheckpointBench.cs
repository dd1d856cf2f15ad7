using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Dipnet.Exchange;
using Dipnet.Protos;
using Dipnet.Worker.Checkpoints;
using Dipnet.Worker.Control;
using Dipnet.Worker.Hosting;
using Dipnet.Worker.Training;

namespace Dipnet.Worker.Bench;

/// <summary>
/// <c>bench checkpoint</c>: how long the training thread is held, saving and loading with hashes; each beside its ceiling in the same run: a
/// copy in memory, <c>dd</c> on the same disk (with fsync; the page cache is dropped before reads where this process may).
/// </summary>
internal static unsafe class CheckpointBench
{
    public static System.CommandLine.Command Create()
    {
        var mib = new System.CommandLine.Option<int>("--mib") { Description = "Size of the training state.", DefaultValueFactory = _ => 1024 };
        var rounds = new System.CommandLine.Option<int>("--rounds") { Description = "Turns of every case; the median counts.", DefaultValueFactory = _ => 5 };
        var folder = new System.CommandLine.Option<string>("--dir") { Description = "Folder on the disk to measure; default: the current one.", DefaultValueFactory = _ => "." };
        var json = new System.CommandLine.Option<bool>("--json") { Description = "One JSON line a case." };
        var command = new System.CommandLine.Command("checkpoint", "Checkpoints against memory and disk.") { mib, rounds, folder, json };
        command.SetAction(parse => Run(
            Math.Max(1, parse.GetValue(mib)) * (1L << 20), Math.Max(1, parse.GetValue(rounds)), Path.GetFullPath(parse.GetValue(folder)!), parse.GetValue(json)));
        return command;
    }

    private static int Run(long bytes, int rounds, string directory, bool json)
    {
        var folder = Directory.CreateDirectory(Path.Combine(directory, $"dipnet-bench-{Environment.ProcessId}")).FullName;
        try
        {
            // Three buffers of AdamW's state are the size that was asked for.
            using var state = new TrainingState(new ParameterLayout([("weights", [bytes / 3 / sizeof(float)], ParameterGroup.Weights, 0)]), secondMoment: true);
            new Random(1).NextBytes(new Span<byte>(state.At(0), (int)Math.Min(state.Bytes, 1 << 24)));
            for (long at = 1 << 24; at < state.Bytes; at += 1 << 24)
            {
                Buffer.MemoryCopy(state.At(0), state.At(at), Math.Min(1 << 24, state.Bytes - at), Math.Min(1 << 24, state.Bytes - at));
            }

            Measure(state, rounds, folder, json);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return ExitCode.Completed;
    }

    private static void Measure(TrainingState state, int rounds, string folder, bool json)
    {
        var times = new SortedDictionary<string, List<double>>(StringComparer.Ordinal);
        var copy = (byte*)NativeMemory.AlignedAlloc((nuint)state.Bytes, 4096);
        NativeMemory.Clear(copy, (nuint)state.Bytes);
        using var shards = new ShardInbox();
        using var writer = new CheckpointWriter("bench", folder, state, shards);
        var rival = Path.Combine(folder, "dd");
        for (var round = 0; round < rounds; round++)
        {
            Time("memcpy", () => Buffer.MemoryCopy(state.At(0), copy, state.Bytes, state.Bytes));
            state.CommittedSteps = (ulong)round + 1;
            writer.Prepare(0, 1);
            var begin = Stopwatch.GetTimestamp();
            Add("held", writer.Begin(1, 0, 1));
            var shard = shards.Take();
            Add("save", Stopwatch.GetElapsedTime(begin).TotalSeconds);
            Time("dd write", () => Dd($"if=/dev/zero of={rival} bs=4M count={state.Bytes >> 22} conv=fsync"));
            Time("hash", () => _ = System.Security.Cryptography.SHA256.HashData(new ReadOnlySpan<byte>(copy, (int)Math.Min(state.Bytes, 1 << 30))));

            var saved = ShardFile.Folder(folder, state.CommittedSteps);
            File.WriteAllText(Path.Combine(saved, Manifest.FileName), JsonSerializer.Serialize(new
            {
                step = state.CommittedSteps, spec = new { }, shards = new[] { new { file = shard.File, bytes = shard.Bytes, sha256 = shard.Sha256 } },
            }));
            DropCaches();
            Time("load", () => CheckpointReader.Load(saved, state.CommittedSteps, state, CancellationToken.None));
            DropCaches();
            Time("dd read", () => Dd($"if={rival} of=/dev/null bs=4M"));

            // Both begin with a new file in every turn: a disk can be five times slower in places that were never written.
            Directory.Delete(saved, recursive: true);
            File.Delete(rival);
        }

        NativeMemory.AlignedFree(copy);
        Print("held", "memcpy", "training thread held; bar: 1.2");
        Print("save", "dd write", "written, hashed, flushed; bar: 1.25");
        Print("load", "dd read", "read and verified; bar: 1.25");
        Print("hash", "dd write", "SHA-256 of it on one core");

        void Add(string name, double seconds) => (times.TryGetValue(name, out var list) ? list : times[name] = []).Add(seconds * 1000);

        void Time(string name, Action action)
        {
            var begin = Stopwatch.GetTimestamp();
            action();
            Add(name, Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }

        // The median of the ratios of neighbours in time: a slow minute of the machine is in both.
        void Print(string name, string ceiling, string note)
        {
            var ratio = Median(times[name].Zip(times[ceiling], (mine, other) => mine / other));
            var milliseconds = Median(times[name]);
            var rate = string.Create(CultureInfo.InvariantCulture, $"{state.Bytes / 1e6 / milliseconds:F2} GB/s; ceiling {ceiling} {state.Bytes / 1e6 / Median(times[ceiling]):F2} GB/s; {note}");
            new BenchCase($"checkpoint {name}", milliseconds, ratio, Note: rate).Print(json);
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static void Dd(string arguments)
    {
        using var dd = Process.Start(new ProcessStartInfo("dd", arguments) { RedirectStandardError = true })!;
        var said = dd.StandardError.ReadToEnd();
        dd.WaitForExit();
        if (dd.ExitCode != 0)
        {
            throw new IOException($"dd {arguments}: {said.Trim()}");
        }
    }

    // Only root may; otherwise both reads come from the cache.
    private static void DropCaches()
    {
        try
        {
            File.WriteAllText("/proc/sys/vm/drop_caches", "1");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then load and dd read alike from memory.
        }
    }
}
