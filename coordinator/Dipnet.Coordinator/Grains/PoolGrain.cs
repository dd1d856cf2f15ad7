namespace Dipnet.Coordinator.Grains;

/// <summary>Serves jobs in the order of their submission; first what they need, and only then what they would take besides.</summary>
[KeepAlive]
internal sealed class PoolGrain : Grain, IPoolGrain
{
    private readonly List<(string WorkerId, byte[] Hello, Guid Connection, IWorkerStream Stream)> _idle = [];
    private readonly Dictionary<string, (DateTimeOffset Submitted, int Needed, int Welcome)> _wants = [];

    public Task Idle(string workerId, byte[] hello, Guid connection, IWorkerStream stream)
    {
        _idle.RemoveAll(w => w.WorkerId == workerId);
        _idle.Add((workerId, hello, connection, stream));
        Match();
        return Task.CompletedTask;
    }

    public Task Gone(string workerId, Guid connection)
    {
        _idle.RemoveAll(w => w.WorkerId == workerId && w.Connection == connection);
        return Task.CompletedTask;
    }

    public Task Want(string jobId, DateTimeOffset submitted, int needed, int welcome)
    {
        _wants.Remove(jobId);
        if (needed + welcome > 0)
        {
            _wants[jobId] = (submitted, needed, welcome);
            Match();
        }

        return Task.CompletedTask;
    }

    private void Match()
    {
        while (_idle.Count > 0 && _wants.Count > 0)
        {
            var (jobId, want) = _wants.MinBy(w => (w.Value.Needed == 0, w.Value.Submitted));
            var worker = _idle[0];
            _idle.RemoveAt(0);
            want = want.Needed > 0 ? want with { Needed = want.Needed - 1 } : want with { Welcome = want.Welcome - 1 };
            _wants[jobId] = want;
            if (want.Needed + want.Welcome == 0)
            {
                _wants.Remove(jobId);
            }

            GrainFactory.GetGrain<IJobGrain>(jobId).Offer(worker.Hello, worker.Connection, worker.Stream).Ignore();
        }
    }
}
