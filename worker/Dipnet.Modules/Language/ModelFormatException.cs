namespace Dipnet.Modules.Language;

/// <summary>A model or tokenizer file says something that is not supported or contradicts itself. The message names file, key, value and rule.</summary>
public sealed class ModelFormatException(string file, string rule) : IOException($"{file}: {rule}");
