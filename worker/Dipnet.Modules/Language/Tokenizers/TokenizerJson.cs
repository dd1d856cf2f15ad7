namespace Dipnet.Modules.Language;

/// <summary>
/// Reads <c>tokenizer.json</c>: byte-level BPE and SentencePiece-style BPE. Every key that changes ids is honoured or refused by name. Truncation and padding are
/// matters of training scripts and never applied.
/// </summary>
internal static class TokenizerJson
{
    public const string FileName = "tokenizer.json";

    /// <exception cref="ModelFormatException">Something is wrong or not supported.</exception>
    public static TextTokenizer Load(string path, TokenizerSettings settings)
    {
        var root = JsonKeys.Read(path);
        var model = root.Required("model");
        var added = Added(root);
        var pairs = BytePairModel.Read(model, added);
        var normalizer = NormalizerKeys.Read(root.Optional("normalizer"));
        var cutter = WordCutterKeys.Read(root.Optional("pre_tokenizer"));
        var decoder = DecoderKeys.Read(root.Optional("decoder"));
        if (cutter.ByteLevel != decoder.ByteLevel)
        {
            throw root.Wrong("decoder", "must be ByteLevel where the pre_tokenizer is, and only there");
        }
        var begin = BeginTokenKeys.Read(root.Optional("post_processor")) is { } beginName
            ? added.FirstOrDefault(t => t.Name == beginName)?.Id ?? throw root.Wrong("post_processor", $"'{beginName}' is not among the added_tokens")
            : (int?)null;
        int? IdOf(string token) => added.FirstOrDefault(t => t.Name == token)?.Id ?? (pairs.Vocabulary.TryGetValue(token, out var id) ? id : null);
        // An ordinary added token is looked for in the normalized text, so a normalizer must leave its name as it is.
        foreach (var keys in root.Items("added_tokens"))
        {
            var (name, special) = (keys.RequiredText("content"), keys.Flag("special", false));
            if (!special && keys.Flag("normalized", true) && normalizer.Steps.Apply(name, isFirst: normalizer.PrefixesEveryPart) != name)
            {
                throw keys.Wrong("normalized", $"true is not supported for '{name}', which the normalizer changes");
            }
        }
        if (cutter.ByteLevel)
        {
            return new ByteLevelTokenizer(pairs, added, normalizer.Steps, cutter.Steps)
            {
                BeginToken = begin,
                EndTokens = settings.EndTokens(IdOf),
                Chat = settings.Chat,
            };
        }
        if (pairs.Unknown is null && !pairs.ByteFallback)
        {
            throw model.Wrong("unk_token", "must be given where byte_fallback is false");
        }
        return new PieceTokenizer(pairs, added, normalizer.Steps, cutter.Steps, normalizer.PrefixesEveryPart || cutter.PrefixesEveryPart, decoder.DropsFirstSpace)
        {
            BeginToken = begin,
            EndTokens = settings.EndTokens(IdOf),
            Chat = settings.Chat,
        };
    }

    static List<AddedToken> Added(JsonKeys root)
    {
        var added = new List<AddedToken>();
        foreach (var token in root.Items("added_tokens"))
        {
            if (token.Flag("single_word", false))
            {
                throw token.Wrong("single_word", "true is not supported");
            }
            var name = token.RequiredText("content");
            if (name.Length == 0)
            {
                throw token.Wrong("content", "must not be empty");
            }
            added.Add(new AddedToken(token.Id("id"), name, token.Flag("special", false), token.Flag("lstrip", false), token.Flag("rstrip", false)));
        }
        return added;
    }
}
