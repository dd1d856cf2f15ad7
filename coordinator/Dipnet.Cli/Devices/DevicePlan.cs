using System.Globalization;
using Dipnet.Cli.Hosting;

namespace Dipnet.Cli.Devices;

/// <summary>Which device each worker of a job has that this command starts. Pure.</summary>
/// <param name="Devices">cpu, or the GPUs in use, in order.</param>
/// <param name="Workers">How many to start.</param>
/// <param name="Note">A line for the user; null when all is as one expects.</param>
internal sealed record DevicePlan(IReadOnlyList<string> Devices, uint Workers, string? Note = null)
{
    private const string Cuda = "cuda:";

    /// <summary>The device of worker <paramref name="worker"/>, counted from 0 in the order of start; more workers than GPUs take turns.</summary>
    public string DeviceOf(int worker) => Devices[worker % Devices.Count];

    /// <param name="devices">The job's <c>devices</c>: auto, cpu or cuda: and numbers.</param>
    /// <param name="workers">The job's workers.</param>
    /// <param name="host">This host's GPUs.</param>
    /// <exception cref="CommandException">The host lacks a device that the job names.</exception>
    public static DevicePlan Create(string devices, WorkerCount workers, HostGpus host)
    {
        if (devices == "cpu" || (devices == "auto" && host.Count == 0))
        {
            return new(["cpu"], workers.Asked, devices == "auto" && host.Problem is { } problem ? $"workers compute on the CPU: {problem}; `dipnet doctor` says more" : null);
        }

        var named = devices == "auto" ? [.. Enumerable.Range(0, host.Count)] : Named(devices);
        if (named.Where(gpu => gpu >= host.Count).ToArray() is { Length: > 0 } absent)
        {
            throw new CommandException(ExitCode.Missing, $"devices = {devices}: this host has no cuda:{string.Join(", cuda:", absent)}; {Has(host)}");
        }

        var count = workers.Given ? workers.Asked : Math.Clamp((uint)named.Length, workers.Minimum, workers.Maximum);
        string[] used = [.. named.Take((int)Math.Min(count, (uint)named.Length)).Select(gpu => Cuda + gpu.ToString(CultureInfo.InvariantCulture))];
        return new(used, count, Remark(count, named.Length, workers));
    }

    private static int[] Named(string devices) =>
        [.. devices[Cuda.Length..].Split(',').Select(number => int.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture)).Distinct()];

    private static string Has(HostGpus host) => host.Count switch
    {
        0 => $"{host.Problem ?? "it has no NVIDIA driver"}; `dipnet doctor` says more",
        1 => "it has one GPU, cuda:0",
        _ => $"it has {host.Count} GPUs, cuda:0 to cuda:{host.Count - 1}",
    };

    private static string? Remark(uint count, int gpus, WorkerCount workers)
    {
        if (count > gpus)
        {
            return $"{count} workers share {(gpus == 1 ? "one GPU" : $"{gpus} GPUs")}: they compute in turn and each takes its own memory; --workers {gpus} gives every worker a GPU of its own";
        }

        return !workers.Given && count < gpus
            ? $"{count} of {gpus} GPUs are used: the job takes {workers.Maximum} workers at most (workers.maximum)"
            : null;
    }
}
