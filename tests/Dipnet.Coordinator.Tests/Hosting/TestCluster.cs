using Dipnet.Coordinator.Grains;
using Dipnet.Coordinator.Hosting;
using Dipnet.Coordinator.Jobs;
using Dipnet.Coordinator.Tests.Workers;
using Dipnet.Protos;
using Microsoft.Extensions.Time.Testing;

namespace Dipnet.Coordinator.Tests.Hosting;

/// <summary>A coordinator with a clock that only the test moves, a run directory of its own, and workers.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private readonly List<FakeWorker> _workers = [];
    private CoordinatorHost? _host;

    private TestCluster()
    {
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("dipnet-coordinator-").FullName;
    public CoordinatorHost Host => _host!;

    public static async Task<TestCluster> StartAsync()
    {
        var cluster = new TestCluster();
        await cluster.StartHostAsync();
        return cluster;
    }

    public async Task StartHostAsync() => _host = await CoordinatorHost.StartAsync(
        new CoordinatorOptions { RunDirectory = Directory, Time = Time }, CancellationToken.None);

    /// <summary>The coordinator goes away without a word to its workers, and comes back.</summary>
    public async Task StopHostAsync()
    {
        await _host!.DisposeAsync();
        _host = null;
    }

    public static JobSpec Job(int workers = 2, uint steps = 10, Action<JobSpec>? change = null)
    {
        var load = JobFile.Parse(
            $"name: test\nmodel:\n  kind: mlp\ndata:\n  name: digits\nsteps: {steps}\nglobal-batch: 32\nmicrobatches: 8\nworkers:\n  count: {workers}\n  minimum: 1\n", "test.yaml", []);
        var job = load.Job ?? throw new InvalidOperationException(string.Join('\n', load.Errors));
        change?.Invoke(job);
        return job;
    }

    public async Task<string> SubmitAsync(JobSpec job) =>
        (await Host.Jobs.SubmitAsync(new SubmitRequest { Job = job }, CancellationToken.None)).JobId;

    public async Task<FakeWorker> WorkerAsync(string id)
    {
        var worker = new FakeWorker(Host.ControlAddress, id);
        _workers.Add(worker);
        await worker.ConnectAsync();
        await worker.WelcomeAsync();
        return worker;
    }

    /// <summary>Workers that joined the job and run under its first plan.</summary>
    public async Task<FakeWorker[]> RunningAsync(int count)
    {
        var workers = new List<FakeWorker>();
        for (var i = 0; i < count; i++)
        {
            var worker = await WorkerAsync($"w{i}");
            await worker.JoinAsync();
            workers.Add(worker);
        }

        await Task.WhenAll(workers.Select(w => w.TakePartAsync()));
        return [.. workers];
    }

    public async Task<JobSnapshot> SnapshotAsync(string jobId) => await Host.Jobs.GetAsync(jobId, CancellationToken.None) ?? throw new KeyNotFoundException(jobId);

    /// <summary>The first snapshot for which the condition holds.</summary>
    public async Task<JobSnapshot> UntilAsync(string jobId, Func<JobSnapshot, bool> condition)
    {
        using var limit = new CancellationTokenSource(Deadline);
        JobSnapshot? last = null;
        try
        {
            await foreach (var snapshot in Host.Jobs.WatchAsync(jobId, limit.Token))
            {
                last = snapshot;
                if (condition(snapshot))
                {
                    return snapshot;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Told below.
        }

        throw new TimeoutException($"the condition never held; last: {last}");
    }

    /// <summary>Lets time pass for a job in parts that are too short to look like a pause of the coordinator itself.</summary>
    public async Task PassAsync(string jobId, TimeSpan time, Func<Task>? meanwhile = null)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromMilliseconds(500))
        {
            Time.Advance(TimeSpan.FromMilliseconds(500));
            if (meanwhile is not null)
            {
                await meanwhile();
            }

            await Host.Grains.GetGrain<IJobGrain>(jobId).Tick();
        }
    }

    public string File(string jobId, string name) => Path.Combine(Directory, jobId, name);

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }

        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
