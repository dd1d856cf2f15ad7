namespace Dipnet.Worker.Training;

/// <summary>Points of a step at which a drill can strike.</summary>
internal enum DrillPhase
{
    Forward,
    Backward,
    Reduce,
    Gather,
    Optimizer,
    Checkpoint,
}
