using System.Threading.Channels;
using Dipnet.Coordinator.Grains;
using Dipnet.Protos;
using Google.Protobuf;

namespace Dipnet.Coordinator.Control;

/// <summary>
/// One Attach stream: takes messages from grains for the worker, and knows which job the worker's own messages are for. Thread-safe.
/// </summary>
internal sealed class WorkerConnection : IWorkerStream
{
    private readonly Channel<CoordinatorMessage> _outgoing =
        Channel.CreateBounded<CoordinatorMessage>(new BoundedChannelOptions(1024) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private volatile string? _jobId;
    private volatile bool _isPooled;

    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>The job that the worker was put into; null: idle.</summary>
    public string? JobId
    {
        get => _jobId;
        set => _jobId = value;
    }

    /// <summary>The pool knows it (or must not have it any more); false again after each job.</summary>
    public bool IsPooled
    {
        get => _isPooled;
        set => _isPooled = value;
    }

    /// <summary>The worker has said that it ends after its job: it is not for the pool any more.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>What is to be sent; completed when the stream shall end.</summary>
    public ChannelReader<CoordinatorMessage> Outgoing => _outgoing.Reader;

    public Task Send(byte[][] messages)
    {
        foreach (var bytes in messages)
        {
            Send(CoordinatorMessage.Parser.ParseFrom(bytes));
        }

        return Task.CompletedTask;
    }

    public void Send(CoordinatorMessage message)
    {
        switch (message.KindCase)
        {
            case CoordinatorMessage.KindOneofCase.Join:
                _jobId = message.Join.JobId;
                break;
            case CoordinatorMessage.KindOneofCase.Stop or CoordinatorMessage.KindOneofCase.Release:
                (_isPooled, _jobId) = (false, null);
                break;
        }

        // A worker that reads nothing while a thousand messages wait is as good as gone.
        if (!_outgoing.Writer.TryWrite(message))
        {
            _outgoing.Writer.TryComplete();
        }
    }

    public Task Close(string reason)
    {
        _outgoing.Writer.TryComplete();
        return Task.CompletedTask;
    }
}
