using Dipnet.Protos;

namespace Dipnet.Cli.Connections;

/// <summary>Reads a job's status.</summary>
internal static class JobState
{
    public static bool IsFinal(JobSnapshot job) => job.Status is "completed" or "failed" or "cancelled";
}
