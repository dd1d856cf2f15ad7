using Dipnet.Cli.Devices;

namespace Dipnet.Cli.Hosting;

/// <summary>The worker processes of one job on this machine. Disposing it leaves none behind.</summary>
internal sealed class WorkerPool(Uri coordinator, DevicePlan devices, uint threads, TimeProvider time) : IAsyncDisposable
{
    /// <summary>A worker whose job has ended needs this long at most to unmap its memory and go.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly List<WorkerProcess> _workers = [];

    public IReadOnlyList<WorkerProcess> Workers => _workers;

    /// <summary>Completes when every worker that was started so far has ended.</summary>
    public Task AllExited => Task.WhenAll(_workers.Select(worker => worker.Exited));

    /// <summary>Starts workers and returns their process ids.</summary>
    public IReadOnlyList<int> Start(uint count)
    {
        var first = _workers.Count;
        for (var i = 0u; i < count; i++)
        {
            _workers.Add(WorkerProcess.Start(_workers.Count, coordinator, devices.DeviceOf(_workers.Count), threads));
        }

        return [.. _workers.Skip(first).Select(worker => worker.ProcessId)];
    }

    /// <summary>Those that ended in another way than by finishing or leaving, with what they said last.</summary>
    public IEnumerable<string> Failures()
    {
        foreach (var worker in _workers.Where(worker => worker.Exited.IsCompletedSuccessfully && worker.Exited.Result is not (ExitCode.Completed or ExitCode.Cancelled or 64)))
        {
            var how = worker.Exited.Result > 128 ? $"was ended by signal {worker.Exited.Result - 128}" : $"ended with exit code {worker.Exited.Result}";
            var said = worker.LastLines.Count == 0 ? "" : ":\n    " + string.Join("\n    ", worker.LastLines.TakeLast(6));
            yield return $"worker process {worker.ProcessId} {how}{said}";
        }
    }

    /// <summary>Waits for the workers to end by themselves, then ends the rest.</summary>
    public async Task EndAsync()
    {
        await Task.WhenAny(AllExited, Task.Delay(Grace, time));
        foreach (var worker in _workers)
        {
            worker.Kill();
        }

        await AllExited;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        foreach (var worker in _workers)
        {
            worker.Dispose();
        }
    }
}
