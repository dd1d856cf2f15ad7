namespace Dipnet.Modules.Language;

/// <summary>A piece of a template's source.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Plain text, a name, a number, the value of a string, or an operator.</param>
/// <param name="Line">From 1.</param>
internal readonly record struct TemplateToken(TemplateToken.Of Kind, string Text, int Line)
{
    internal enum Of
    {
        Data,
        BlockBegin,
        BlockEnd,
        OutputBegin,
        OutputEnd,
        Name,
        Whole,
        Real,
        Text,
        Operator,
        End,
    }
}
