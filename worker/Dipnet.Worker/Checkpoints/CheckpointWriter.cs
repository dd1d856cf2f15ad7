using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Dipnet.Modules.Files;
using Dipnet.Protos;
using Dipnet.Worker.Control;
using Dipnet.Worker.Training;

namespace Dipnet.Worker.Checkpoints;

/// <summary>
/// Writes this worker's shard of a checkpoint: the training thread is held for one copy to a host buffer, a background thread writes, hashes and flushes. One
/// write at a time; <see cref="Begin"/> waits for the one before. A shard that cannot be written is reported with its reason and training goes on.
/// </summary>
internal sealed unsafe class CheckpointWriter : IDisposable
{
    private readonly string _job, _runFolder, _layout;
    private readonly TrainingState _state;
    private readonly IReporter _reporter;
    private readonly Thread _thread;
    private readonly Channel<Order> _orders = Channel.CreateBounded<Order>(1);
    private readonly ManualResetEventSlim _idle = new(true);
    private byte* _buffer;
    private long _capacity;

    public CheckpointWriter(string job, string runFolder, TrainingState state, IReporter reporter)
    {
        (_job, _runFolder, _state, _reporter) = (job, runFolder, state, reporter);
        _layout = ShardFile.Layout(state.Layout);
        _thread = new Thread(Run) { IsBackground = true, Name = "checkpoint writer" };
        _thread.Start();
    }

    /// <summary>Makes room for the stripe and touches it, so that the first checkpoint is not held by page faults.</summary>
    public void Prepare(int rank, int world)
    {
        var bytes = Stripe.Of(_state.Bytes, rank, world).Bytes;
        WaitIdle();
        if (bytes > _capacity)
        {
            NativeMemory.AlignedFree(_buffer);
            _buffer = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 4096);
            _capacity = bytes;
            NativeMemory.Clear(_buffer, (nuint)bytes);
        }
    }

    /// <summary>Takes the state as it is now and starts to write it.</summary>
    /// <returns>Seconds that the caller was held.</returns>
    public double Begin(ulong generation, int rank, int world)
    {
        var begin = Stopwatch.GetTimestamp();
        Prepare(rank, world);
        var stripe = Stripe.Of(_state.Bytes, rank, world);
        Buffer.MemoryCopy(_state.At(stripe.Offset), _buffer, _capacity, stripe.Bytes);
        _idle.Reset();
        var held = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        _orders.Writer.TryWrite(new Order(generation, _state.CommittedSteps, rank, world, stripe, held));
        return held;
    }

    /// <summary>Waits until nothing is being written.</summary>
    public void WaitIdle() => _idle.Wait();

    public void Dispose()
    {
        _orders.Writer.Complete();
        _thread.Join();
        NativeMemory.AlignedFree(_buffer);
        _idle.Dispose();
    }

    private void Run()
    {
        while (_orders.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_orders.Reader.TryRead(out var order))
            {
                var report = Write(order);
                _reporter.Send(new WorkerMessage { Shard = report });
                _idle.Set();
            }
        }
    }

    private ShardWritten Write(Order order)
    {
        var begin = Stopwatch.GetTimestamp();
        var report = new ShardWritten
        {
            JobId = _job,
            Generation = order.Generation,
            CommittedSteps = order.Step,
            Rank = (uint)order.Rank,
            World = (uint)order.World,
            File = ShardFile.Name(order.Rank, order.World),
            HeldSeconds = order.Held,
            ManifestPart = ShardFile.ManifestPart(order.Stripe, _state),
        };
        var folder = ShardFile.Folder(_runFolder, order.Step);
        var path = Path.Combine(folder, report.File);
        try
        {
            Directory.CreateDirectory(folder);
            DiskReserve.Require(folder, order.Stripe.Bytes);
            // Under another name first: a shard of that name may belong to a published checkpoint.
            var partial = $"{path}.{Environment.ProcessId}.partial";
            using (var file = ShardFile.Create(partial, order.Stripe, _state, _layout, order.Step))
            {
                file.WriteHeld((nint)_buffer, order.Stripe.Bytes);
                report.Sha256 = file.Complete();
                report.Bytes = (ulong)file.FileBytes;
            }

            File.Move(partial, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            report.Error = $"{path}: {e.Message}";
            _reporter.Log($"checkpoint of step {order.Step} not written: {report.Error}");
        }

        report.WriteSeconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        return report;
    }

    private sealed record Order(ulong Generation, ulong Step, int Rank, int World, Stripe Stripe, double Held);
}
