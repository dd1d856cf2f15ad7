namespace Dipnet.Modules.Language;

/// <summary>The value of a name that has none: false, empty, and an error to use in any other way.</summary>
internal sealed record TemplateUndefined(string Name)
{
    public static TemplateUndefined Of(string name) => new(name);
}
