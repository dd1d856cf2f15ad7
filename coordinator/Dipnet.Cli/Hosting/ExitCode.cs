namespace Dipnet.Cli.Hosting;

/// <summary>How the command ends; docs/outputs.md lists what each means.</summary>
internal static class ExitCode
{
    public const int Completed = 0;
    public const int Failed = 1;
    public const int Configuration = 2;
    public const int Missing = 3;
    public const int Cancelled = 130;

    /// <summary>The code for a job's final status.</summary>
    public static int Of(string status) => status switch
    {
        "completed" => Completed,
        "cancelled" => Cancelled,
        _ => Failed,
    };
}
