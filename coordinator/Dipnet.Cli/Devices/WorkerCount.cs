namespace Dipnet.Cli.Devices;

/// <summary>A job's number of workers.</summary>
/// <param name="Asked">workers.count.</param>
/// <param name="Given">Somebody wrote that number, in the job file or on the command line; else it is a default.</param>
/// <param name="Minimum">workers.minimum.</param>
/// <param name="Maximum">workers.maximum.</param>
internal sealed record WorkerCount(uint Asked, bool Given, uint Minimum, uint Maximum);
