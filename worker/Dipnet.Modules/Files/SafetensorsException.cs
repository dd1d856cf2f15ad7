namespace Dipnet.Modules.Files;

/// <summary>A safetensors file or index breaks a rule of the format. The message names file, tensor, value and rule.</summary>
public sealed class SafetensorsException(string file, string rule) : IOException($"{file}: {rule}");
