namespace Dipnet.Modules.Language;

/// <summary>Something that a template can call.</summary>
/// <param name="arguments">As given.</param>
internal delegate object? TemplateFunction(TemplateArguments arguments);
