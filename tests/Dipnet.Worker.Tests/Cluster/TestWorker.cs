using System.Collections.Concurrent;
using Dipnet.Exchange;
using Dipnet.Protos;
using Dipnet.Worker.Control;
using Dipnet.Worker.Training;
using TorchSharp;

namespace Dipnet.Worker.Tests.Cluster;

/// <summary>A worker in this process: its own exchange and training thread. A drill's kill throws on that thread, so it ends there and then.</summary>
internal sealed class TestWorker : IReporter, IAsyncDisposable
{
    private readonly TestCluster _cluster;
    private readonly Thread _thread;
    private readonly Mailbox _mailbox = new();
    private readonly WorkerProgress _progress = new();

    private TestWorker(TestCluster cluster, string id, ExchangeHost exchange)
    {
        (_cluster, Id, Exchange) = (cluster, id, exchange);
        Leave = new Leave(this);
        var context = new WorkerContext
        {
            WorkerId = id,
            Exchange = exchange,
            Reporter = this,
            Progress = _progress,
            Leave = Leave,
            Device = torch.CPU,
            Accelerators = cluster.Accelerators,
            DigestEvery = 1,
            Signal = signal => throw new InvalidOperationException($"signal {signal}"),
        };
        _thread = new Thread(() =>
        {
            ExitCode = new CommandLoop(context, _mailbox, once: true).Run();
            cluster.Ended(this);
        }, 16 << 20)
        { IsBackground = true };
    }

    public string Id { get; }

    public ExchangeHost Exchange { get; }

    public Leave Leave { get; }

    public int? ExitCode { get; private set; }

    public ConcurrentQueue<string> Lines { get; } = [];

    public static async Task<TestWorker> StartAsync(TestCluster cluster, string id)
    {
        var worker = new TestWorker(cluster, id, await ExchangeHost.StartAsync(new ExchangeHostOptions(), CancellationToken.None));
        worker._thread.Start();
        return worker;
    }

    public void Tell(CoordinatorMessage message) => _mailbox.Post(message);

    public void Send(WorkerMessage message) => _cluster.Receive(this, message);

    public void Report(ulong generation, StepReport step) =>
        _cluster.Receive(this, new WorkerMessage { Steps = new StepReports { Generation = generation, Steps = { step } } });

    public void Log(string line)
    {
        Lines.Enqueue(line);
        _cluster.OnLine?.Invoke(line);
    }

    public async ValueTask DisposeAsync()
    {
        _mailbox.PostEnd();
        _thread.Join();
        _mailbox.Dispose();
        await Exchange.DisposeAsync();
    }
}
