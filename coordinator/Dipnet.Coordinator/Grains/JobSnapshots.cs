using Dipnet.Coordinator.Jobs;
using Dipnet.Coordinator.Metrics;
using Dipnet.Coordinator.Training;
using Dipnet.Protos;

namespace Dipnet.Coordinator.Grains;

/// <summary>A job as clients see it.</summary>
internal static class JobSnapshots
{
    public static JobSnapshot Of(JobMachine machine, RecentSteps recent, DateTimeOffset now)
    {
        var record = machine.Record;
        var running = record.Started is { } started ? ((record.Ended ?? now) - started).TotalSeconds : 0;
        var snapshot = new JobSnapshot
        {
            JobId = record.JobId,
            Name = machine.Spec.Name,
            Status = record.Status,
            Reason = record.Reason,
            SubmittedUnixMs = record.Submitted.ToUnixTimeMilliseconds(),
            StartedUnixMs = record.Started?.ToUnixTimeMilliseconds() ?? 0,
            EndedUnixMs = record.Ended?.ToUnixTimeMilliseconds() ?? 0,
            Generation = record.Membership.Generation,
            CommittedSteps = record.CommittedSteps,
            TotalSteps = machine.Spec.Steps,
            Loss = recent.Newest?.Loss ?? 0,
            Nll = recent.Newest?.Nll ?? 0,
            SamplesPerSecond = machine.IsFinal ? record.SamplesPerSecond : recent.SamplesPerSecond,
            ThroughputUnit = JobSpecs.ThroughputUnit(machine.Spec),
            EtaSeconds = machine.IsFinal || recent.Newest is null
                ? 0 : (machine.Spec.Steps - Math.Min(machine.Spec.Steps, record.CommittedSteps)) * recent.Seconds(0),
            Seconds = new PhaseSeconds
            {
                Step = recent.Seconds(0),
                Data = recent.Seconds(1),
                Compute = recent.Seconds(2),
                ExchangeHidden = recent.Seconds(3),
                ExchangeExposed = recent.Seconds(4),
                Optimizer = recent.Seconds(5),
                Checkpoint = recent.Seconds(6),
            },
            WeightsSha256 = record.WeightsSha256,
            Transport = record.Transport,
            WeightsBytes = record.Received.Weights,
            ProjectionsBytes = record.Received.Projections,
            RepeatedBytes = record.Received.Repeated,
            StateBytes = record.Received.State,
            RunFolder = record.RunFolder,
            SecondsTotal = running,
        };
        snapshot.Metrics.Add(record.Metrics);
        snapshot.Workers.AddRange(record.Membership.Members.Select(Worker));
        snapshot.Events.AddRange(record.Events.Select(e => new JobEvent { UnixMs = e.Time.ToUnixTimeMilliseconds(), Kind = e.Kind, Text = e.Text }));
        snapshot.Checkpoints.AddRange(record.Checkpoints.Select(c => new CheckpointSnapshot
        {
            CommittedSteps = c.CommittedSteps, Folder = c.Folder, Bytes = c.Bytes, UnixMs = c.Time.ToUnixTimeMilliseconds(),
        }));
        snapshot.Sigma.AddRange(record.Sigma.Count > 0
            ? record.Sigma.Select(s => Sigma(s.Layer, s.Mean, s.Min, s.Max))
            : recent.Sigma.Select(s => Sigma(s.Layer, s.Mean, s.Min, s.Max)));
        return snapshot;
    }

    private static WorkerSnapshot Worker(Membership.Member member)
    {
        var worker = new WorkerSnapshot
        {
            Rank = (uint)Math.Max(0, member.Rank),
            WorkerId = member.WorkerId,
            Host = member.Host,
            ProcessId = member.ProcessId,
            Device = member.Device,
            Phase = member.Phase,
            CommittedSteps = member.CommittedSteps,
            StepSeconds = member.StepSeconds,
            ResidentBytes = member.ResidentBytes,
            Alive = member is { Connection: not null, Death: null },
        };
        worker.WaitingFor.AddRange(member.WaitingFor.Select(r => (uint)r));
        return worker;
    }

    private static LayerSigma Sigma(string layer, double mean, double min, double max) => new() { Layer = layer, Mean = mean, Min = min, Max = max };
}
