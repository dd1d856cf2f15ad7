namespace Dipnet.Worker.Hosting;

/// <summary>How a worker process ends.</summary>
internal static class ExitCode
{
    public const int Completed = 0;
    public const int Failed = 1;
    public const int Configuration = 2;
    public const int Missing = 3;
    public const int Left = 64;
    public const int Cancelled = 130;
}
