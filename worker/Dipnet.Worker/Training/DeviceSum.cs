using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Dipnet.Exchange;
using Dipnet.Modules;
using Dipnet.Worker.Devices;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Training;

/// <summary>
/// What all workers have summed up of a step, on its way to the device: bucket by bucket, while the rest is still exchanged and the device computes. It has memory of
/// its own there, because leaves are needed again when the step is interrupted.
/// </summary>
/// <remarks>
/// <see cref="Take"/> is for any thread between <see cref="Begin"/> and <see cref="Whole"/>, or the end of the session that an interruption ended; the rest is the
/// training thread's.
/// </remarks>
/// <param name="elements">Of the flat gradient.</param>
/// <param name="device">Where it goes.</param>
/// <param name="copies">Of the device.</param>
internal sealed unsafe class DeviceSum(long elements, Device device, IDeviceCopies copies) : IDisposable
{
    // Elements of a copy, and threads that make those of a bucket.
    private const long Piece = 1 << 20;
    private const int MostThreads = 8;

    private readonly ConcurrentBag<DeviceCopy> _copied = [];
    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = Math.Clamp(ThreadCores.Allowed().Count, 1, MostThreads) };
    private readonly object _gate = new();
    private Tensor? _sum;
    private nint _pinned;
    private DeviceCopy? _used;
    private long _lacking;
    private ExceptionDispatchInfo? _failure;

    /// <summary>A step begins: what is queued for computation so far is the last that reads the sum of the step before.</summary>
    public void Begin()
    {
        // Those of a step that was interrupted.
        Release();
        _failure = null;
        _sum ??= torch.empty([elements], ScalarType.Float32, device).DetachFromDisposeScope();
        _pinned = _pinned == 0 ? copies.AllocateHost(elements * sizeof(float)) : _pinned;
        _used = copies.Computed();
        _lacking = elements;
    }

    /// <summary>Takes a bucket, as <see cref="SessionOptions.BucketReduced"/>.</summary>
    public void Take(IReadOnlyList<ReducedSpan> spans)
    {
        try
        {
            // Spans lie in memory of other processes, too, which the device cannot read by itself: through pinned memory, by several threads, as fast as the device takes it.
            Parallel.ForEach(spans.SelectMany(Pieces), _parallel, piece =>
            {
                var (at, bytes) = ((nint)piece.Offset * sizeof(float), piece.Count * sizeof(float));
                Buffer.MemoryCopy((void*)piece.Pointer, (void*)(_pinned + at), bytes, bytes);
                _copied.Add(copies.ToDevice(_pinned + at, BlobTensor.Pointer(_sum!) + at, bytes, _used));
            });
        }
        catch (Exception e)
        {
            _failure ??= ExceptionDispatchInfo.Capture(e);
        }

        lock (_gate)
        {
            _lacking -= spans.Sum(span => span.Count);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits for every bucket. Address of the sum, for what is queued for computation from now on; throws what <see cref="Take"/> met.</summary>
    public nint Whole()
    {
        lock (_gate)
        {
            while (_lacking > 0)
            {
                Monitor.Wait(_gate);
            }
        }

        _failure?.Throw();
        foreach (var copy in _copied)
        {
            copies.ComputeAfter(copy);
        }

        Release();
        return BlobTensor.Pointer(_sum!);
    }

    public void Dispose()
    {
        Release();
        if (_pinned != 0)
        {
            copies.FreeHost(_pinned);
        }

        _sum?.Dispose();
    }

    private static IEnumerable<ReducedSpan> Pieces(ReducedSpan span)
    {
        for (long at = 0; at < span.Count; at += Piece)
        {
            yield return new ReducedSpan(span.Pointer + (nint)at * sizeof(float), span.Offset + at, Math.Min(Piece, span.Count - at));
        }
    }

    private void Release()
    {
        if (_used is { } used)
        {
            _copied.Add(used);
            _used = null;
        }

        while (_copied.TryTake(out var copy))
        {
            copies.Wait(copy);
            copies.Release(copy);
        }
    }
}
