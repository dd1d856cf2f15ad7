namespace Dipnet.Modules.Language;

/// <summary>Reads from the <c>post_processor</c> of a tokenizer.json which token it puts in front of a text. Tokens behind it are left to those who end a text.</summary>
internal static class BeginTokenKeys
{
    /// <summary>Its name; null: none.</summary>
    public static string? Read(JsonKeys? keys)
    {
        switch (keys?.RequiredText("type"))
        {
            case null or "ByteLevel":
                return null;
            case "Sequence":
                var found = keys.Items("processors").Select(Read).OfType<string>().ToList();
                return found.Count <= 1 ? found.FirstOrDefault() : throw keys.Wrong("processors", "more than one token in front is not supported");
            case "TemplateProcessing":
                var front = keys.Items("single").TakeWhile(static i => i.Node("Sequence") is null).ToList();
                return front.Count switch
                {
                    0 => null,
                    1 => front[0].Required("SpecialToken").RequiredText("id"),
                    _ => throw keys.Wrong("single", "more than one token in front is not supported"),
                };
            case var other:
                throw keys.Wrong("type", $"'{other}' is not supported; supported are ByteLevel, TemplateProcessing, Sequence");
        }
    }
}
