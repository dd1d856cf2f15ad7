using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Dipnet.Modules.Files;
using Dipnet.Worker.Training;

namespace Dipnet.Worker.Checkpoints;

/// <summary>Reads a checkpoint that any number of workers wrote, verifying every shard's hash.</summary>
internal static class CheckpointReader
{
    private const int Block = 8 << 20;
    private const int ShardsAtOnce = 4;

    /// <summary>Fills the state. On an exception its content is undefined.</summary>
    /// <exception cref="CheckpointException">A shard is missing, damaged or of another job; nothing of it must be used.</exception>
    public static void Load(string folder, ulong step, TrainingState state, CancellationToken interrupt)
    {
        var manifest = Manifest.Read(folder);
        if (manifest.Step != step)
        {
            throw new CheckpointException($"{folder}: holds step {manifest.Step}, the plan says {step}");
        }

        var layout = ShardFile.Layout(state.Layout);
        var filled = 0L;
        try
        {
            // Side by side: a hash keeps one core busy, and a disk can be faster than one.
            Parallel.ForEach(manifest.Shards, new ParallelOptions { MaxDegreeOfParallelism = ShardsAtOnce, CancellationToken = interrupt }, shard =>
                Interlocked.Add(ref filled, LoadShard(Path.Combine(folder, shard.File), shard.Bytes, shard.Sha256, step, layout, state)));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        if (filled != state.Bytes)
        {
            throw new CheckpointException($"{folder}: its shards hold {filled} bytes of the state, which has {state.Bytes}");
        }

        state.CommittedSteps = step;
    }

    /// <summary>SHA-256 of a file of a known length.</summary>
    /// <exception cref="CheckpointException">The length differs.</exception>
    public static string HashOf(string path, long bytes)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.SequentialScan);
        if (RandomAccess.GetLength(handle) is var length && length != bytes)
        {
            throw new CheckpointException($"{path}: {length} bytes, the manifest says {bytes}");
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[Block];
        for (long at = 0; at < length;)
        {
            var read = RandomAccess.Read(handle, block, at);
            if (read == 0)
            {
                throw new CheckpointException($"{path}: became shorter while it was read");
            }

            hash.AppendData(block, 0, read);
            at += read;
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static long LoadShard(string path, long bytes, string sha256, ulong step, string layout, TrainingState state)
    {
        try
        {
            using var shard = SafetensorsFile.Open(path);
            var filled = shard.Entries.Sum(e => e.Bytes);
            if (shard.Head.Length + filled != bytes)
            {
                throw new CheckpointException($"{path}: {shard.Head.Length + filled} bytes, the manifest says {bytes}");
            }

            // Entries without holes behind the head are the whole file, so what is verified is what was placed.
            using var hash = new HashBehind(shard.Head);
            Place(shard, step, layout, state, hash);
            return hash.Finish() is var found && found == sha256
                ? filled
                : throw new CheckpointException($"{path}: SHA-256 is {found}, the manifest says {sha256}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or OverflowException)
        {
            throw new CheckpointException($"{path}: {e.Message}");
        }
    }

    private static unsafe void Place(SafetensorsFile shard, ulong step, string layout, TrainingState state, HashBehind hash)
    {
        var meta = shard.Metadata;
        if (Value(shard, "layout") != layout || Value(shard, "buffers") != string.Join(',', state.Buffers))
        {
            throw new CheckpointException($"{shard.Path}: its parameters or optimizer state are not those of this job's model (names, shapes, order or kind of optimizer differ)");
        }

        if (Value(shard, "step") != step.ToString(CultureInfo.InvariantCulture))
        {
            throw new CheckpointException($"{shard.Path}: is of step {meta["step"]}, not {step}");
        }

        foreach (var entry in shard.Entries)
        {
            var buffer = state.Buffers.ToList().IndexOf(entry.Name);
            var first = buffer < 0 ? -1 : long.Parse(Value(shard, $"first.{entry.Name}"), CultureInfo.InvariantCulture) * sizeof(float);
            if (buffer < 0 || first < 0 || first + entry.Bytes > state.BufferBytes)
            {
                throw new CheckpointException($"{shard.Path}: tensor {entry.Name} ({entry.Bytes} bytes from {first}) does not fit a buffer of {state.BufferBytes} bytes");
            }

            var target = state.At(buffer * state.BufferBytes + first);
            for (long done = 0; done < entry.Bytes; done += Block)
            {
                var length = (int)Math.Min(Block, entry.Bytes - done);
                shard.Read(entry, done, new Span<byte>(target + done, length));
                hash.Add((nint)(target + done), length);
            }
        }
    }

    private static string Value(SafetensorsFile shard, string key) =>
        shard.Metadata.TryGetValue(key, out var value) ? value : throw new CheckpointException($"{shard.Path}: no \"{key}\" in its metadata; it is not a shard");
}
