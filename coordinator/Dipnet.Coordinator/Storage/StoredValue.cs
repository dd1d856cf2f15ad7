namespace Dipnet.Coordinator.Storage;

/// <summary>A value of the state file and its version, from 1.</summary>
internal sealed record StoredValue(long Version, byte[] Value);
