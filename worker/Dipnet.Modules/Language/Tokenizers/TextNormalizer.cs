using System.Text.RegularExpressions;

namespace Dipnet.Modules.Language;

/// <summary>The steps that change a text before it is cut into words.</summary>
internal sealed class TextNormalizer(IReadOnlyList<TextNormalizer.Step> steps)
{
    /// <summary>One change of the text, which is never empty; the flag: the text begins the input.</summary>
    public delegate string Step(string text, bool isFirst);

    public static TextNormalizer None { get; } = new([]);

    public static Step Composition { get; } = static (text, _) => CanonicalComposition.Compose(text);

    public static Step Prefix(string prefix) => (text, isFirst) => isFirst ? prefix + text : text;

    public static Step Replacement(string from, string to) => (text, _) => text.Replace(from, to, StringComparison.Ordinal);

    public static Step Replacement(Regex from, string to) => (text, _) => from.Replace(text, _ => to);

    public string Apply(string text, bool isFirst)
    {
        foreach (var step in steps)
        {
            if (text.Length > 0)
            {
                text = step(text, isFirst);
            }
        }
        return text;
    }
}
