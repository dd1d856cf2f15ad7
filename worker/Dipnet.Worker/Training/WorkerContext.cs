using Dipnet.Exchange;
using Dipnet.Protos;
using Dipnet.Worker.Control;
using Dipnet.Worker.Devices;
using Dipnet.Worker.Hosting;
using static TorchSharp.torch;

namespace Dipnet.Worker.Training;

/// <summary>What a worker's jobs share.</summary>
internal sealed record WorkerContext
{
    /// <summary>This worker's name in plans.</summary>
    public required string WorkerId { get; init; }

    public required ExchangeHost Exchange { get; init; }

    public required IReporter Reporter { get; init; }

    public required WorkerProgress Progress { get; init; }

    public required Leave Leave { get; init; }

    public required Device Device { get; init; }

    /// <summary>Makes the workload of a job.</summary>
    public Func<JobSpec, Device, IWorkload> Workloads { get; init; } = WorkloadFactory.Create;

    /// <summary>What a job needs of a device; null when its memory is the host's.</summary>
    public Func<Device, Accelerator?> Accelerators { get; init; } = Accelerator.Of;

    /// <summary>Sends a signal to this process; for drills.</summary>
    public Action<int> Signal { get; init; } = NativeProcess.SignalSelf;

    /// <summary>Steps between two comparisons of the workers' weights.</summary>
    public int DigestEvery { get; init; } = 64;
}
