namespace Dipnet.Worker.Training;

/// <summary>The state of a plan cannot be had from any of its sources; the message says why from each.</summary>
public sealed class StateLostException(string message) : Exception(message);
