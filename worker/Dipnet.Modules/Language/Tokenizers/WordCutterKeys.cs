using System.Text.RegularExpressions;

namespace Dipnet.Modules.Language;

/// <summary>Reads the <c>pre_tokenizer</c> of a tokenizer.json.</summary>
internal sealed partial class WordCutterKeys
{
    readonly List<WordCutter.Step> _steps = [];

    WordCutterKeys() => Steps = new WordCutter(_steps);

    public WordCutter Steps { get; }

    /// <summary>Words are encoded as bytes.</summary>
    public bool ByteLevel { get; private set; }

    /// <summary>A mark is put in front of the text between any two added tokens.</summary>
    public bool PrefixesEveryPart { get; private set; }

    public static WordCutterKeys Read(JsonKeys? keys)
    {
        var cutter = new WordCutterKeys();
        if (keys is not null)
        {
            cutter.Add(keys);
        }
        return cutter;
    }

    [GeneratedRegex(@"\p{N}", RegexOptions.CultureInvariant)]
    private static partial Regex Digit { get; }

    [GeneratedRegex(@"\p{N}+", RegexOptions.CultureInvariant)]
    private static partial Regex Digits { get; }

    void Add(JsonKeys part)
    {
        if (ByteLevel)
        {
            throw part.Wrong("type", "nothing may follow ByteLevel");
        }
        switch (part.RequiredText("type"))
        {
            case "Sequence":
                foreach (var item in part.Items("pretokenizers"))
                {
                    Add(item);
                }
                break;
            case "Split":
                AddSplit(part);
                break;
            case "Digits":
                _steps.Add(WordCutter.AtMatches(part.Flag("individual_digits", false) ? Digit : Digits, dropRest: false));
                break;
            case "ByteLevel":
                if (part.Flag("add_prefix_space", true))
                {
                    _steps.Add(WordCutter.SpacePrefix);
                }
                if (part.Flag("use_regex", true))
                {
                    _steps.Add(WordCutter.AtMatches(ByteLevelTokenizer.Gpt2Words, dropRest: false));
                }
                ByteLevel = true;
                break;
            case "Metaspace":
                AddMarks(part);
                break;
            case var other:
                throw part.Wrong("type", $"'{other}' is not supported; supported are ByteLevel, Split, Digits, Metaspace, Sequence");
        }
    }

    void AddSplit(JsonKeys part)
    {
        var (behavior, invert) = (part.RequiredText("behavior"), part.Flag("invert", false));
        var dropRest = (behavior, invert) switch
        {
            ("Isolated", _) => false,
            ("Removed", true) => true,
            _ => throw part.Wrong("behavior", $"'{behavior}' with invert {(invert ? "true" : "false")} is not supported; supported are Isolated, and Removed with invert true"),
        };
        _steps.Add(WordCutter.AtMatches(PatternKeys.Expression(part), dropRest));
    }

    void AddMarks(JsonKeys part)
    {
        var mark = part.Text("replacement") ?? PieceTokenizer.Space.ToString();
        if (mark != PieceTokenizer.Space.ToString())
        {
            throw part.Wrong("replacement", $"'{mark}' is not supported; supported is '{PieceTokenizer.Space}'");
        }
        var scheme = part.Text("prepend_scheme") ?? (part.Flag("add_prefix_space", true) ? "always" : "never");
        if (scheme is not ("always" or "first" or "never"))
        {
            throw part.Wrong("prepend_scheme", $"'{scheme}' is not supported; supported are always, first, never");
        }
        PrefixesEveryPart = scheme == "always";
        _steps.Add(WordCutter.Marks(PieceTokenizer.Space, prefix: scheme != "never", part.Flag("split", true)));
    }
}
