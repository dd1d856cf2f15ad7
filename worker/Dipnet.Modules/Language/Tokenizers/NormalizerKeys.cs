namespace Dipnet.Modules.Language;

/// <summary>Reads the <c>normalizer</c> of a tokenizer.json.</summary>
/// <param name="Steps">In order.</param>
/// <param name="PrefixesEveryPart">A step puts something in front of the text between any two added tokens.</param>
internal sealed record NormalizerKeys(TextNormalizer Steps, bool PrefixesEveryPart)
{
    public static NormalizerKeys Read(JsonKeys? keys)
    {
        var (steps, prefixes) = (new List<TextNormalizer.Step>(), false);
        Add(keys);
        return new NormalizerKeys(new TextNormalizer(steps), prefixes);

        void Add(JsonKeys? part)
        {
            switch (part?.RequiredText("type"))
            {
                case null:
                    break;
                case "Sequence":
                    foreach (var item in part.Items("normalizers"))
                    {
                        Add(item);
                    }
                    break;
                case "NFC":
                    steps.Add(TextNormalizer.Composition);
                    break;
                case "Prepend":
                    prefixes = true;
                    steps.Add(TextNormalizer.Prefix(part.RequiredText("prepend")));
                    break;
                case "Replace":
                    steps.Add(PatternKeys.Literal(part) is { } literal
                        ? TextNormalizer.Replacement(literal, part.RequiredText("content"))
                        : TextNormalizer.Replacement(PatternKeys.Expression(part), part.RequiredText("content")));
                    break;
                case var other:
                    throw part.Wrong("type", $"'{other}' is not supported; supported are NFC, Prepend, Replace, Sequence");
            }
        }
    }
}
