using Dipnet.Exchange;
using Dipnet.Protos;
using Dipnet.Worker.Checkpoints;
using Dipnet.Worker.Control;
using Dipnet.Modules;

namespace Dipnet.Worker.Training;

/// <summary>Brings the flat state to where a plan goes on: from peers, from a checkpoint or from the job's seed.</summary>
internal sealed unsafe class StateRecovery(WorkerContext context, JobSpec job, TrainingState state)
{
    /// <summary>How long a worker that lost all sources waits for the fence that follows when they are gone for everybody.</summary>
    private static readonly TimeSpan FencePatience = TimeSpan.FromSeconds(10);

    private bool _fresh = true;

    /// <summary>Bytes that came from peers in the newest <see cref="Recover"/>, complete or not.</summary>
    public ulong PulledBytes { get; private set; }

    /// <param name="plan">Says where the job goes on and who has the state.</param>
    /// <param name="options">The exchange of this generation.</param>
    /// <param name="keep">The state that is there is worth keeping until the new one is complete: it is the job's of an earlier step.</param>
    /// <param name="interrupt">Ends the attempt.</param>
    /// <returns>False when interrupted; with <paramref name="keep"/> the state is then what it was.</returns>
    /// <exception cref="CheckpointException">The checkpoint cannot be used.</exception>
    /// <exception cref="StateLostException">No source gives the state, and no fence says that they are gone.</exception>
    public bool Recover(Plan plan, SessionOptions options, bool keep, CancellationToken interrupt)
    {
        PulledBytes = 0;
        if (plan.StateSources.Count > 0)
        {
            return FromPeers(plan, options, keep, interrupt);
        }

        if (plan.Checkpoint.Length > 0)
        {
            return FromCheckpoint(plan, interrupt);
        }

        if (plan.CommittedSteps != 0)
        {
            throw new ArgumentException($"the plan goes on at step {plan.CommittedSteps} but names neither a source of the state nor a checkpoint");
        }

        Afresh();
        state.CommittedSteps = 0;
        return true;
    }

    private bool FromPeers(Plan plan, SessionOptions options, bool keep, CancellationToken interrupt)
    {
        _fresh = false;
        var sources = plan.StateSources.Select(s => (int)s).ToArray();
        context.Reporter.Log($"pulls the state of step {plan.CommittedSteps} ({state.Bytes:N0} bytes) from ranks {string.Join(", ", sources)}");
        // A joiner has nothing to lose and needs no second buffer.
        using var staged = keep ? new StagedState(state.Bytes) : null;
        var pulled = new PullProgress();
        try
        {
            context.Exchange.PullStateAsync(options, sources, plan.CommittedSteps, staged is null ? state : staged, pulled, interrupt).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
        {
            return false;
        }
        catch (ExchangeException e)
        {
            // The sources died, as the coordinator will see as well, or only this worker cannot reach them.
            context.Reporter.Log(e.Message);
            return interrupt.WaitHandle.WaitOne(FencePatience) ? false : throw new StateLostException(e.Message);
        }
        finally
        {
            PulledBytes = (ulong)pulled.Bytes;
        }

        staged?.MoveTo(state);
        state.CommittedSteps = plan.CommittedSteps;
        return true;
    }

    private bool FromCheckpoint(Plan plan, CancellationToken interrupt)
    {
        _fresh = false;
        context.Reporter.Log($"loads {plan.Checkpoint}");
        try
        {
            CheckpointReader.Load(plan.Checkpoint, plan.CommittedSteps, state, interrupt);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // The parameters are still those of the model's construction, or the model is constructed once more.
    private void Afresh()
    {
        state.ClearMoments();
        if (_fresh)
        {
            _fresh = false;
            return;
        }

        using var model = context.Workloads(job, context.Device);
        foreach (var (parameter, place) in model.Parameters.Zip(state.Layout.Places))
        {
            using var value = parameter.Parameter.detach().cpu().contiguous();
            Buffer.MemoryCopy((void*)BlobTensor.Pointer(value), state.Parameters + place.Offset, place.Count * sizeof(float), place.Count * sizeof(float));
        }

    }
}
