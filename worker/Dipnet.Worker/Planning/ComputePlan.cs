namespace Dipnet.Worker.Planning;

/// <summary>Floating-point operations of a step in matrix products.</summary>
/// <param name="StepTotal">Of all workers.</param>
/// <param name="StepPerWorker">Of the one that has most microbatches.</param>
internal sealed record ComputePlan(double StepTotal, double StepPerWorker);
