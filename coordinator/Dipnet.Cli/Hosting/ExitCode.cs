using Dipnet.Protos;

namespace Dipnet.Cli.Hosting;

/// <summary>How the command ends; docs/outputs.md lists what each means.</summary>
internal static class ExitCode
{
    public const int Completed = 0;
    public const int Failed = 1;
    public const int Configuration = 2;
    public const int Missing = 3;
    public const int Cancelled = 130;

    /// <summary>The code for how a job ended. A wrong file that only workers read counts as a wrong job file.</summary>
    public static int Of(JobSnapshot final) => final.Status switch
    {
        "completed" => Completed,
        "cancelled" => Cancelled,
        _ when final.Reason.StartsWith(FaultKinds.Configuration + ":", StringComparison.Ordinal) => Configuration,
        _ => Failed,
    };
}
