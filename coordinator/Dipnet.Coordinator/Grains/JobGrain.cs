using System.Security.Cryptography;
using Dipnet.Coordinator.Hosting;
using Dipnet.Coordinator.Metrics;
using Dipnet.Coordinator.RunFolders;
using Dipnet.Coordinator.Storage;
using Dipnet.Coordinator.Training;
using Dipnet.Protos;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Dipnet.Coordinator.Grains;

/// <summary>
/// Runs one <see cref="JobMachine"/>: what it decides is first durable, then on its way. Its files are the <see cref="JobDesk"/>'s.
/// </summary>
internal sealed partial class JobGrain(
    [PersistentState("job", StateFileGrainStorage.Name)] IPersistentState<JobRecord> state,
    CoordinatorOptions options,
    CoordinatorClock clock,
    JobGauges gauges,
    ILogger<JobGrain> logger) : Grain, IJobGrain
{
    private const uint HeartbeatMilliseconds = 250;
    private static readonly TimeSpan TickPeriod = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan WantPeriod = TimeSpan.FromSeconds(2);

    private readonly Dictionary<Guid, IWorkerStream> _streams = [];
    private JobMachine? _machine;
    private JobDesk? _desk;
    private IGrainTimer? _timer;
    private long _version = 1;
    private (int Needed, int Welcome) _wanted;
    private DateTimeOffset _wantedAt;
    private bool _notDurable;

    private string JobId => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (state.RecordExists)
        {
            _machine = new JobMachine(state.State, NewToken);
            _desk = JobDesk.Open(_machine, clock.Now);
            _machine.Restore(clock.Now);
            StartTimer();
        }
        else if (FinishedRuns.Read(options.RunDirectory, JobId) is { } finished)
        {
            state.State = finished;
            _machine = new JobMachine(finished, NewToken);
            _desk = JobDesk.Open(_machine, clock.Now);
        }

        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _desk?.Dispose();
        gauges.Remove(JobId);
        return Task.CompletedTask;
    }

    public async Task<string> Submit(byte[] submitRequest, string runFolder, string origin, ulong originSteps, string[] originNotes)
    {
        if (_machine is not null)
        {
            return $"job {JobId} exists already";
        }

        var request = SubmitRequest.Parser.ParseFrom(submitRequest);
        state.State = JobMachine.NewRecord(JobId, request.Job, runFolder, request.Faults, clock.Now);
        (state.State.Origin, state.State.OriginSteps) = (origin, originSteps);
        var machine = new JobMachine(state.State, NewToken);
        if (JobDesk.TryCreate(machine, out _desk) is { Length: > 0 } error)
        {
            return error;
        }

        _machine = machine;
        _machine.Start(clock.Now);
        foreach (var note in originNotes)
        {
            _machine.Note("checkpoint", note, clock.Now);
        }

        await Settle();
        StartTimer();
        return "";
    }

    public Task Wake() => _machine is null ? Task.CompletedTask : Settle();

    public Task<JobView> View(long known)
    {
        if (_machine is null)
        {
            return Task.FromResult(new JobView(false, 0, null, true));
        }

        var snapshot = known == _version ? null : JobSnapshots.Of(_machine, _desk!.Recent, clock.Now).ToByteArray();
        return Task.FromResult(new JobView(true, _version, snapshot, _machine.IsFinal));
    }

    public Task Cancel(string reason)
    {
        _machine?.Cancel(reason, clock.Now);
        return Settle();
    }

    public Task Fail(string reason)
    {
        _machine?.Fail(reason, clock.Now);
        return Settle();
    }

    public async Task<string> Scale(int workers)
    {
        if (_machine is null || _machine.IsFinal)
        {
            return $"job {JobId} has ended";
        }

        if (workers < 1 || workers > _machine.Membership.Microbatches)
        {
            return $"workers: {workers} must be from 1 to the job's microbatches ({_machine.Membership.Microbatches})";
        }

        _machine.Scale(workers, clock.Now);
        await Settle();
        return "";
    }

    public async Task<Attachment> Attach(byte[] hello, Guid connection, IWorkerStream stream)
    {
        if (_machine is null)
        {
            return Attachment.Unknown;
        }

        var attachment = _machine.Attach(Hello.Parser.ParseFrom(hello), connection, clock.Now);
        if (attachment == Attachment.Member)
        {
            _streams[connection] = stream;
            _machine.Outbox.Messages.Insert(0, (connection, new CoordinatorMessage { Welcome = new Welcome { HeartbeatMilliseconds = HeartbeatMilliseconds } }));
        }
        else if (attachment == Attachment.Ended)
        {
            var stop = new Stop { JobId = JobId, Status = state.State.Status, Reason = state.State.Reason };
            await stream.Send(
            [
                new CoordinatorMessage { Welcome = new Welcome { HeartbeatMilliseconds = HeartbeatMilliseconds } }.ToByteArray(),
                new CoordinatorMessage { Stop = stop }.ToByteArray(),
            ]);
        }

        await Settle();
        return attachment;
    }

    public Task Offer(byte[] hello, Guid connection, IWorkerStream stream)
    {
        var message = Hello.Parser.ParseFrom(hello);
        if (_machine is null || _machine.IsFinal || !_machine.Offer(message, connection, clock.Now))
        {
            return GrainFactory.GetGrain<IPoolGrain>(0).Idle(message.WorkerId, hello, connection, stream);
        }

        _streams[connection] = stream;
        return Settle();
    }

    public Task Lost(string workerId, Guid connection, string reason)
    {
        _machine?.Lost(workerId, connection, reason, clock.Now);
        _streams.Remove(connection);
        return Settle();
    }

    public Task Receive(string workerId, Guid connection, byte[] workerMessage)
    {
        if (_machine?.Speaker(workerId, connection) is not { } member)
        {
            return Task.CompletedTask;
        }

        var message = WorkerMessage.Parser.ParseFrom(workerMessage);
        _desk!.Receive(member, message, clock.Now);
        _machine.Receive(member, message, _desk.Recent.Newest?.Loss, clock.Now);
        return Settle();
    }

    public Task Tick()
    {
        _machine?.Tick(clock.Now);
        return Settle();
    }

    /// <summary>Files first, then the record, then the messages: whatever a crash cuts off is made up for after the restart.</summary>
    private async Task Settle()
    {
        if (_machine is not { } machine)
        {
            return;
        }

        _version++;
        if (_desk!.Settle(clock.Now) is { Count: > 0 } lines)
        {
            GrainFactory.GetGrain<IMetricsGrain>(JobId).Append(state.State.RunFolder, [.. lines]).Ignore();
        }

        var outbox = machine.Outbox;
        if (outbox.Dirty)
        {
            try
            {
                await state.WriteStateAsync();
                _notDurable = false;
            }
            catch (StateFileException e)
            {
                // Nobody may hear of a generation that a restart would forget. The next tick tries again.
                if (!_notDurable)
                {
                    _notDurable = true;
                    LogNotDurable(logger, JobId, e);
                }

                return;
            }
        }

        Deliver(outbox);
        outbox.Clear();
        gauges.Set(JobId, machine, _desk.Recent);
        if (machine.IsFinal)
        {
            await End();
        }
        else
        {
            Want(machine);
        }
    }

    private void Deliver(Outbox outbox)
    {
        foreach (var messages in outbox.Messages.GroupBy(m => m.Connection, m => m.Message))
        {
            if (_streams.TryGetValue(messages.Key, out var stream))
            {
                stream.Send([.. messages.Select(m => m.ToByteArray())]).Ignore();
            }
        }

        foreach (var (connection, reason) in outbox.Closings)
        {
            if (_streams.Remove(connection, out var stream))
            {
                stream.Close(reason).Ignore();
            }
        }
    }

    private void Want(JobMachine machine)
    {
        var wanted = (machine.Needed, machine.Welcome);
        if (wanted != _wanted || (wanted != (0, 0) && clock.Now - _wantedAt >= WantPeriod))
        {
            (_wanted, _wantedAt) = (wanted, clock.Now);
            GrainFactory.GetGrain<IPoolGrain>(0).Want(JobId, state.State.Submitted, wanted.Needed, wanted.Welcome).Ignore();
        }
    }

    private async Task End()
    {
        if (_timer is null)
        {
            return;
        }

        _timer.Dispose();
        _timer = null;
        _streams.Clear();
        GrainFactory.GetGrain<IPoolGrain>(0).Want(JobId, state.State.Submitted, 0, 0).Ignore();
        await GrainFactory.GetGrain<IJobIndexGrain>(0).Ended(JobId);
    }

    private void StartTimer()
    {
        if (!_machine!.IsFinal)
        {
            _timer = this.RegisterGrainTimer(Tick, new GrainTimerCreationOptions(TickPeriod, TickPeriod) { KeepAlive = true });
        }
    }

    private static byte[] NewToken() => RandomNumberGenerator.GetBytes(16);

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "Job {JobId}: its state could not be written; trying again")]
    private static partial void LogNotDurable(ILogger logger, string jobId, Exception error);
}
