using System.Text.RegularExpressions;

namespace Dipnet.Modules.Language;

/// <summary>Reads a <c>pattern</c> of a tokenizer.json: <c>{"String": …}</c> or <c>{"Regex": …}</c>.</summary>
internal static class PatternKeys
{
    /// <summary>The literal text; null: the pattern is an expression.</summary>
    public static string? Literal(JsonKeys keys) => keys.Required("pattern").Text("String") is { Length: > 0 } text ? text : null;

    public static Regex Expression(JsonKeys keys)
    {
        var pattern = keys.Required("pattern");
        if (Literal(keys) is { } literal)
        {
            return new Regex(Regex.Escape(literal), RegexOptions.CultureInvariant);
        }
        var expression = pattern.RequiredText("Regex");
        // Oniguruma's syntax that .NET would read as something else; what it cannot read at all it reports itself.
        if (expression.Contains("[[:", StringComparison.Ordinal) || expression.Contains("&&", StringComparison.Ordinal) || expression.Contains(@"\h", StringComparison.Ordinal))
        {
            throw pattern.Wrong("Regex", $"'{expression}': POSIX brackets, && and \\h are not supported");
        }
        try
        {
            return new Regex(expression, RegexOptions.CultureInvariant | RegexOptions.Compiled);
        }
        catch (ArgumentException e)
        {
            throw pattern.Wrong("Regex", $"'{expression}' is not supported: {e.Message}");
        }
    }
}
