using Dipnet.Modules;
using Dipnet.Modules.Files;
using Dipnet.Modules.Language;
using Dipnet.Protos;
using Dipnet.Worker.Checkpoints;
using Dipnet.Worker.Control;
using Dipnet.Worker.Data;
using Dipnet.Worker.Devices;
using Dipnet.Worker.Hosting;

namespace Dipnet.Worker.Training;

/// <summary>
/// The training thread of a worker: takes the coordinator's commands in order and carries them out. A fence older than the newest and a plan that does not
/// belong to the newest fence are dropped.
/// </summary>
internal sealed class CommandLoop(WorkerContext context, Mailbox mailbox, bool once)
{
    private TrainingLoop? _training;
    private ulong _fence;
    private ulong _plan;

    /// <summary>Runs until the worker is to end.</summary>
    /// <returns>The process's exit code.</returns>
    public int Run()
    {
        context.Progress.Phase = Phase.Idle;
        try
        {
            while (true)
            {
                if (Handle(mailbox.Take()) is { } code)
                {
                    return code;
                }
            }
        }
        finally
        {
            EndJob();
        }
    }

    private int? Handle(Command command)
    {
        switch (command.Kind)
        {
            case CommandKind.End:
                return ExitCode.Failed;
            case CommandKind.DropState:
                _training?.DropState();
                return null;
            case CommandKind.Leave:
                context.Leave.TellWhenRequested();
                return _training is null ? ExitCode.Left : null;
        }

        var message = command.Message!;
        return message.KindCase switch
        {
            CoordinatorMessage.KindOneofCase.Join => Guarded(() => Join(message.Join)),
            CoordinatorMessage.KindOneofCase.Fence => Guarded(() => Fence(message.Fence)),
            CoordinatorMessage.KindOneofCase.Plan => Guarded(() => Plan(message.Plan)),
            CoordinatorMessage.KindOneofCase.Stop => Stop(message.Stop),
            CoordinatorMessage.KindOneofCase.Release => Release(message.Release),
            _ => null,
        };
    }

    private void Join(Join join)
    {
        EndJob();
        (_fence, _plan) = (0, 0);
        context.Progress.Job = join.JobId;
        context.Progress.Phase = Phase.Preparing;
        _training = new TrainingLoop(context, join);
        context.Progress.Phase = Phase.WaitingForPlan;
    }

    private void Fence(Fence fence)
    {
        if (fence.JobId != context.Progress.Job || fence.Generation < _fence)
        {
            return;
        }

        _fence = fence.Generation;
        context.Progress.Phase = Phase.WaitingForPlan;
        context.Reporter.Log($"fenced by generation {fence.Generation}: {fence.Reason}");
        if (_training is { } training)
        {
            context.Reporter.Send(new WorkerMessage { Standing = training.Stand(fence.Generation) });
        }
    }

    private void Plan(Plan plan)
    {
        if (_training is { } training && plan.JobId == training.JobId && plan.Generation >= _fence && plan.Generation > _plan)
        {
            _plan = plan.Generation;
            training.Train(plan, mailbox.Interrupt);
            context.Progress.Phase = Phase.WaitingForPlan;
        }
    }

    private int? Stop(Stop stop)
    {
        if (stop.JobId.Length > 0 && stop.JobId != context.Progress.Job)
        {
            return null;
        }

        context.Reporter.Log($"job {stop.JobId} {stop.Status}{(stop.Reason.Length > 0 ? $": {stop.Reason}" : "")}");
        EndJob();
        return context.Leave.IsRequested ? ExitCode.Left
            : !once ? null
            : stop.Status switch
            {
                "completed" => ExitCode.Completed,
                "cancelled" => ExitCode.Cancelled,
                _ => ExitCode.Failed,
            };
    }

    private int? Release(Release release)
    {
        context.Reporter.Log($"released: {release.Reason}");
        EndJob();
        return context.Leave.IsRequested ? ExitCode.Left : null;
    }

    // What goes wrong in a job is the coordinator's to judge. After an internal error the process ends: its memory is not to be trusted.
    private int? Guarded(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (NonFiniteException e)
        {
            Report("non-finite", e, e.Step, e.Layer);
        }
        catch (CheckpointException e)
        {
            Report("checkpoint", e);
        }
        catch (StateLostException e)
        {
            // The others train, so this worker alone cannot reach them; taken in again it would hold them up again.
            Report("state", e);
            return ExitCode.Failed;
        }
        catch (Exception e) when (_training is null && e is ArgumentException or DataException or FormatException or ModelFormatException or SafetensorsException
            or FileNotFoundException or DirectoryNotFoundException)
        {
            Report(FaultKinds.Configuration, e);
        }
        catch (Exception e) when (e is DeviceException or CudaProgramException || CudaErrors.ExplainMessage(e.Message, context.Device.ToString()) is not null)
        {
            // Another attempt with the same job on the same device ends the same way.
            Report("device", e);
        }
        catch (Exception e)
        {
            Report("internal", e);
            context.Reporter.Log(e.ToString());
            return ExitCode.Failed;
        }

        return null;
    }

    private void Report(string kind, Exception e, ulong? step = null, string layer = "")
    {
        var text = CudaErrors.ExplainMessage(e.Message, context.Device.ToString()) ?? e.Message;
        context.Progress.Phase = Phase.WaitingForPlan;
        context.Reporter.Log($"{kind}: {(layer.Length > 0 ? layer + ": " : "")}{text}");
        context.Reporter.Send(new WorkerMessage
        {
            Fault = new Fault
            {
                JobId = context.Progress.Job,
                Generation = _plan,
                Step = step ?? context.Progress.CommittedSteps,
                Kind = kind,
                Layer = layer,
                Message = text,
            },
        });
    }

    private void EndJob()
    {
        _training?.Dispose();
        _training = null;
        context.Progress.Job = "";
        context.Progress.Generation = 0;
        context.Progress.CommittedSteps = 0;
        context.Progress.Phase = Phase.Idle;
    }
}
