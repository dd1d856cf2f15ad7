using System.Diagnostics;
using System.Text.Json;
using Dipnet.Cli.Commands;
using Dipnet.Cli.Hosting;
using Dipnet.Cli.Output;

namespace Dipnet.Cli.Devices;

/// <summary>Finds the GPUs of this host and gives a job's workers their devices.</summary>
internal static class LocalDevices
{
    // One of them exists wherever an NVIDIA driver does; the last is the Windows subsystem's.
    private static readonly string[] DriverFiles = ["/proc/driver/nvidia/version", "/dev/nvidiactl", "/dev/dxg"];

    /// <summary>
    /// The plan for a job; the job's <c>workers.count</c> becomes the plan's. Only where a driver is, the worker program is asked what it can use: this command
    /// loads no libtorch, and a GPU that the driver has may be one that libtorch cannot use.
    /// </summary>
    /// <exception cref="CommandException">The host lacks a device that the job names.</exception>
    public static async Task<DevicePlan> PlaceAsync(LoadedJob loaded, Screen screen, CancellationToken cancellation)
    {
        var job = loaded.Job;
        var host = job.Devices != "cpu" && DriverFiles.Any(File.Exists) ? await AskAsync(cancellation) : HostGpus.None;
        var plan = DevicePlan.Create(job.Devices, new(job.Workers.Count, loaded.WorkersGiven, job.Workers.Minimum, job.Workers.Maximum), host);
        job.Workers.Count = plan.Workers;
        if (plan.Note is { } note)
        {
            screen.Say(note);
        }

        return plan;
    }

    private static async Task<HostGpus> AskAsync(CancellationToken cancellation)
    {
        using var process = Process.Start(WorkerProgram.Start(["devices"], 0))
            ?? throw new CommandException(ExitCode.Missing, "the worker program could not be started");
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode == ExitCode.Completed ? Parse(output) : new(0, (await errors).Trim().Split('\n')[0]);
    }

    /// <summary>Reads the answer of the worker program's <c>devices</c>.</summary>
    internal static HostGpus Parse(string answer)
    {
        using var json = JsonDocument.Parse(answer);
        var problem = json.RootElement.GetProperty("problem");
        return new(json.RootElement.GetProperty("gpus").GetInt32(), problem.ValueKind == JsonValueKind.Null ? null : problem.GetString());
    }
}
