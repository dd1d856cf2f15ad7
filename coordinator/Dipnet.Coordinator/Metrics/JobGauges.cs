using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Dipnet.Coordinator.Training;

namespace Dipnet.Coordinator.Metrics;

/// <summary>What <c>/metrics</c> shows of the jobs of this silo. Thread-safe.</summary>
internal sealed class JobGauges : IDisposable
{
    public const string MeterName = "Dipnet.Coordinator";

    private readonly ConcurrentDictionary<string, Reading> _jobs = new();
    private readonly Meter _meter = new(MeterName);

    public JobGauges()
    {
        Gauge("dipnet.job.committed_steps", "Steps that are done", r => r.CommittedSteps);
        Gauge("dipnet.job.workers", "Workers of the job", r => r.Workers);
        Gauge("dipnet.job.generation", "Version of the membership", r => r.Generation);
        Gauge("dipnet.job.loss", "Loss of the newest step", r => r.Loss);
        Gauge("dipnet.job.samples_per_second", "Throughput over the newest steps", r => r.SamplesPerSecond);
        Gauge("dipnet.job.step_seconds", "Duration of the newest steps", r => r.StepSeconds);
        Gauge("dipnet.job.exchange_exposed_seconds", "Time a step waits for the exchange", r => r.ExchangeExposed);
        Gauge("dipnet.job.checkpoint_steps", "Step of the newest checkpoint", r => r.CheckpointSteps);
    }

    public void Set(string jobId, JobMachine machine, RecentSteps recent) => _jobs[jobId] = new Reading(
        machine.Record.Status, machine.Record.CommittedSteps, machine.Membership.Members.Count, machine.Membership.Generation,
        recent.Newest?.Loss ?? double.NaN, recent.SamplesPerSecond, recent.Seconds(0), recent.Seconds(4),
        machine.Record.Checkpoints.Count > 0 ? machine.Record.Checkpoints[^1].CommittedSteps : 0);

    public void Remove(string jobId) => _jobs.TryRemove(jobId, out _);

    public void Dispose() => _meter.Dispose();

    private void Gauge(string name, string description, Func<Reading, double> of) => _meter.CreateObservableGauge(
        name,
        () => _jobs.Select(j => new Measurement<double>(of(j.Value), new("job", j.Key), new("status", j.Value.Status))),
        description: description);

    private sealed record Reading(
        string Status, double CommittedSteps, double Workers, double Generation, double Loss, double SamplesPerSecond,
        double StepSeconds, double ExchangeExposed, double CheckpointSteps);
}
