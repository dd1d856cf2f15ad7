namespace Dipnet.Worker.Checkpoints;

/// <summary>A checkpoint cannot be used; the message names file, value and rule.</summary>
public sealed class CheckpointException(string message) : Exception(message);
