namespace Dipnet.Coordinator.Training;

/// <summary>The states of a job, by the names that users see.</summary>
internal static class JobStatus
{
    public const string Submitted = "submitted";
    public const string Gathering = "gathering";
    public const string Running = "running";
    public const string Completed = "completed";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";

    public static bool IsFinal(string status) => status is Completed or Failed or Cancelled;
}
