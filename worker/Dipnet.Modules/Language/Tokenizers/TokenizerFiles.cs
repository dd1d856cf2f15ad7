namespace Dipnet.Modules.Language;

/// <summary>Opens whatever tokenizer a file or a model folder has.</summary>
public static class TokenizerFiles
{
    const string SentencePieceName = "tokenizer.model";
    const string Llama2cName = "tokenizer.bin";

    const string Known = TokenizerJson.FileName + ", vocab.json with merges.txt, encoder.json with vocab.bpe, " + SentencePieceName
        + " (SentencePiece), " + Llama2cName + " (llama2.c)";

    /// <summary>
    /// The tokenizer at a path. A folder's other files (tokenizer_config.json, special_tokens_map.json, chat_template.jinja, config.json,
    /// generation_config.json) say what ends a text and how conversations are written.
    /// </summary>
    /// <param name="path">
    /// A folder: the first of tokenizer.json, vocab.json + merges.txt, encoder.json + vocab.bpe, tokenizer.model, tokenizer.bin. Or a file: one of these, or
    /// any .json in tokenizer.json's format, SentencePiece .model, llama2.c .bin.
    /// </param>
    /// <exception cref="ModelFormatException">Nothing that is known is there, or it says something that is not supported.</exception>
    public static TextTokenizer Load(string path)
    {
        if (Directory.Exists(path))
        {
            return LoadFolder(path);
        }
        if (!File.Exists(path))
        {
            throw new ModelFormatException(path, "does not exist");
        }
        var settings = new TokenizerSettings(Path.GetDirectoryName(Path.GetFullPath(path)));
        if (Gpt2Files.Of(path) is { } pair)
        {
            return Gpt2Files.Load(pair, settings);
        }
        return Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".JSON" => TokenizerJson.Load(path, settings),
            ".MODEL" => SentencePieceModelTokenizer.Load(path, settings),
            ".BIN" => Llama2cTokenizer.Load(path),
            _ => throw new ModelFormatException(path, $"is no tokenizer file; known are {Known}"),
        };
    }

    static TextTokenizer LoadFolder(string folder)
    {
        var settings = new TokenizerSettings(folder);
        if (Path.Combine(folder, TokenizerJson.FileName) is var json && File.Exists(json))
        {
            return TokenizerJson.Load(json, settings);
        }
        if (Gpt2Files.Find(folder) is { } pair)
        {
            return Gpt2Files.Load(pair, settings);
        }
        if (Path.Combine(folder, SentencePieceName) is var model && File.Exists(model))
        {
            return SentencePieceModelTokenizer.Load(model, settings);
        }
        return Path.Combine(folder, Llama2cName) is var bin && File.Exists(bin)
            ? Llama2cTokenizer.Load(bin)
            : throw new ModelFormatException(folder, $"has no tokenizer; looked for {Known}");
    }
}
