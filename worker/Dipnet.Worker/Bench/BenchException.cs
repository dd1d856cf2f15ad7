namespace Dipnet.Worker.Bench;

/// <summary>A benchmark cannot be finished: one of its processes ended or failed. The message is one line that names it.</summary>
internal sealed class BenchException(string message) : Exception(message);
