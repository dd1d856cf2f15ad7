namespace Dipnet.Worker.Planning;

/// <summary>Memory of one worker, bytes. Activations are an estimate, the rest is counted; the run time and its libraries come on top (some 0.4 GiB).</summary>
/// <param name="TrainedParameters">fp32, in a flat buffer.</param>
/// <param name="FrozenParameters">fp32.</param>
/// <param name="OptimizerState">Moments.</param>
/// <param name="GradientArena">Gradients and sums that are alive at once, and the exchange's result.</param>
/// <param name="NarrowCopies">bf16 copies of the matrices while a step runs.</param>
/// <param name="ActivationsKept">Of a microbatch, without activation checkpointing.</param>
/// <param name="ActivationsCheckpointed">Of a microbatch, with activation checkpointing; the same where the model cannot.</param>
/// <param name="Activations">The one of the two that the job asks for.</param>
/// <param name="CpuTotal">All of it: a worker that computes on the CPU.</param>
/// <param name="DeviceTotal">What is on the GPU of a worker that has one: parameters, moments, gradients that are alive at once, the sum of all workers, copies, activations.</param>
/// <param name="HostTotal">What is on the host beside it: a copy of parameters and moments, and with several workers the arena and the sum on its way to the GPU.</param>
internal sealed record MemoryPlan(
    long TrainedParameters, long FrozenParameters, long OptimizerState, long GradientArena, long NarrowCopies, long ActivationsKept, long ActivationsCheckpointed,
    long Activations, long CpuTotal, long DeviceTotal, long HostTotal);
