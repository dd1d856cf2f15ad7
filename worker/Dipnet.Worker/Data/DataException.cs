namespace Dipnet.Worker.Data;

/// <summary>A data set is missing or its file is not what its format says; the message names file, value and rule.</summary>
public sealed class DataException(string message) : Exception(message);
