namespace Dipnet.Modules.Language;

/// <summary>Methods of Python's texts and dictionaries that templates call.</summary>
internal static class TemplateMethods
{
    /// <summary>The method of a value; null: it has none of that name.</summary>
    public static TemplateFunction? Find(object? value, string name) => value switch
    {
        string text => OfText(text, name),
        Dictionary<string, object?> map => OfMap(map, name),
        _ => null,
    };

    static TemplateFunction? OfText(string text, string name) => name switch
    {
        "strip" => a => Trim(text, a, start: true, end: true),
        "lstrip" => a => Trim(text, a, start: true, end: false),
        "rstrip" => a => Trim(text, a, start: false, end: true),
        "upper" => _ => text.ToUpperInvariant(),
        "lower" => _ => text.ToLowerInvariant(),
        "title" => _ => Title(text),
        "capitalize" => _ => Capitalize(text),
        "startswith" => a => Affixes(a).Any(p => text.StartsWith(p, StringComparison.Ordinal)),
        "endswith" => a => Affixes(a).Any(p => text.EndsWith(p, StringComparison.Ordinal)),
        "replace" => a => Replace(text, a),
        "split" => a => Split(text, a),
        "find" => a => (long)text.IndexOf(a.Text(0, "sub"), StringComparison.Ordinal),
        "count" => a => (long)((text.Length - text.Replace(a.Text(0, "sub"), "", StringComparison.Ordinal).Length) / Math.Max(1, a.Text(0, "sub").Length)),
        "join" => a => string.Join(text, TemplateValues.Items(a.At(0, "iterable")).Select(TemplateValues.Text)),
        _ => null,
    };

    static TemplateFunction? OfMap(Dictionary<string, object?> map, string name) => name switch
    {
        "get" => a => map.TryGetValue(TemplateValues.Text(a.At(0, "key")), out var found) ? found : a.At(1, "default") is var other and not TemplateUndefined ? other : null,
        "items" => _ => Pairs(map),
        "keys" => _ => new List<object?>(map.Keys),
        "values" => _ => new List<object?>(map.Values),
        _ => null,
    };

    public static List<object?> Pairs(Dictionary<string, object?> map) => [.. map.Select(static p => (object?)new List<object?> { p.Key, p.Value })];

    public static string Trim(string text, TemplateArguments arguments, bool start, bool end)
    {
        var characters = arguments.At(0, "chars") is string given ? given.ToCharArray() : null;
        text = start ? text.TrimStart(characters) : text;
        return end ? text.TrimEnd(characters) : text;
    }

    public static string Capitalize(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();

    public static string Title(string text)
    {
        var inWord = false;
        return string.Concat(text.Select(c =>
        {
            var letter = inWord ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c);
            inWord = char.IsLetter(c);
            return letter;
        }));
    }

    public static string Replace(string text, TemplateArguments arguments)
    {
        if (arguments.Positional.Count > 2)
        {
            throw new TemplateException("replace with a count is not supported");
        }
        var (from, to) = (arguments.Text(0, "old"), arguments.Text(1, "new"));
        return from.Length > 0 ? text.Replace(from, to, StringComparison.Ordinal) : throw new TemplateException("replace of an empty text is not supported");
    }

    static IEnumerable<string> Affixes(TemplateArguments arguments) =>
        arguments.At(0, "prefix") is List<object?> list ? list.Select(TemplateValues.Text) : [arguments.Text(0, "prefix")];

    static List<object?> Split(string text, TemplateArguments arguments)
    {
        var most = arguments.Whole(1, "maxsplit", -1) is >= 0 and var times ? (int)times + 1 : int.MaxValue;
        return arguments.At(0, "sep") switch
        {
            string { Length: > 0 } separator => [.. text.Split(separator, most)],
            null or TemplateUndefined when most == int.MaxValue => [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)],
            _ => throw new TemplateException("split needs a separator that is not empty, or no arguments"),
        };
    }
}
