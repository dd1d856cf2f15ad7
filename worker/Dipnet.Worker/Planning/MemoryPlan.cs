namespace Dipnet.Worker.Planning;

/// <summary>Memory of one worker, bytes. Activations are an estimate, the rest is counted; the run time and its libraries come on top (some 0.4 GiB).</summary>
/// <param name="TrainedParameters">fp32, in the host's flat buffer.</param>
/// <param name="FrozenParameters">fp32.</param>
/// <param name="OptimizerState">Moments, on the host.</param>
/// <param name="GradientArena">Gradients and sums that are alive at once, and the exchange's result, on the host.</param>
/// <param name="NarrowCopies">bf16 copies of the matrices while a step runs.</param>
/// <param name="ActivationsKept">Of a microbatch, without activation checkpointing.</param>
/// <param name="ActivationsCheckpointed">Of a microbatch, with activation checkpointing; the same where the model cannot.</param>
/// <param name="Activations">The one of the two that the job asks for.</param>
/// <param name="CpuTotal">All of it: a worker that computes on the CPU.</param>
/// <param name="DeviceTotal">What is on the GPU of a worker that has one: parameters, one gradient, copies, activations.</param>
/// <param name="HostTotal">What is on the host beside it.</param>
internal sealed record MemoryPlan(
    long TrainedParameters, long FrozenParameters, long OptimizerState, long GradientArena, long NarrowCopies, long ActivationsKept, long ActivationsCheckpointed,
    long Activations, long CpuTotal, long DeviceTotal, long HostTotal);
