namespace Dipnet.Modules.Language;

/// <summary>A template cannot be read, or refuses what it is given. The chat template adds the name of its file.</summary>
internal sealed class TemplateException(string message) : Exception(message);
