namespace Dipnet.Worker.Planning;

/// <summary>How a step is cut.</summary>
/// <param name="GlobalBatch">Samples a step.</param>
/// <param name="Microbatches">Leaves of the step's sum.</param>
/// <param name="MicrobatchesPerWorker">Of the worker that has most.</param>
/// <param name="SamplesPerMicrobatch">Without trajectories.</param>
/// <param name="Trajectories">Forward passes of a sample, side by side in a microbatch.</param>
/// <param name="RowsPerMicrobatch">Tokens (patches, images) of a microbatch with all trajectories.</param>
internal sealed record BatchPlan(long GlobalBatch, int Microbatches, int MicrobatchesPerWorker, long SamplesPerMicrobatch, int Trajectories, long RowsPerMicrobatch);
