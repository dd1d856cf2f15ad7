using System.Text.Json;
using Dipnet.Coordinator.Jobs;
using Dipnet.Coordinator.Training;
using Dipnet.Protos;

namespace Dipnet.Coordinator.RunFolders;

/// <summary>result.json.</summary>
internal static class RunResult
{
    public static byte[] ToJson(JobRecord record, JobSpec job)
    {
        var seconds = record is { Started: { } started, Ended: { } ended } ? (ended - started).TotalSeconds : 0;
        return JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                job = record.JobId,
                status = record.Status,
                reason = record.Reason,
                steps = record.CommittedSteps,
                workers = record.Membership.Members.Count(m => m.Participates),
                seconds,
                samplesPerSecond = record.SamplesPerSecond,
                throughputUnit = JobSpecs.ThroughputUnit(job),
                weightsSha256 = record.WeightsSha256,
                metrics = record.Metrics,
                sigma = record.Sigma.Select(s => new { layer = s.Layer, mean = s.Mean, min = s.Min, max = s.Max }),
                exchange = new
                {
                    transport = record.Transport,
                    bytes = new
                    {
                        weights = record.Received.Weights,
                        projections = record.Received.Projections,
                        repeated = record.Received.Repeated,
                        state = record.Received.State,
                    },
                },
            },
            JsonStyle.Indented);
    }
}
