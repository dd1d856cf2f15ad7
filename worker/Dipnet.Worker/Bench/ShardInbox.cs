using System.Collections.Concurrent;
using Dipnet.Protos;
using Dipnet.Worker.Control;

namespace Dipnet.Worker.Bench;

/// <summary>Waits for the reports of a checkpoint writer.</summary>
internal sealed class ShardInbox : IReporter, IDisposable
{
    private readonly BlockingCollection<ShardWritten> _shards = [];

    /// <summary>The next shard that was written.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public ShardWritten Take() => _shards.Take() is { Error.Length: 0 } shard ? shard : throw new IOException("the shard could not be written");

    public void Send(WorkerMessage message)
    {
        if (message.Shard is { } shard)
        {
            _shards.Add(shard);
        }
    }

    public void Report(ulong generation, StepReport step)
    {
    }

    public void Log(string line) => Console.Error.WriteLine(line);

    public void Dispose() => _shards.Dispose();
}
