namespace Dipnet.Coordinator.Storage;

/// <summary>The state file can't be opened or written; the message names it and why.</summary>
public sealed class StateFileException(string message, Exception? inner = null) : Exception(message, inner);
