namespace Dipnet.Modules.Language;

/// <summary>GPT-2's pair of files: pieces with ids (vocab.json or encoder.json) and merges, one a line (merges.txt or vocab.bpe).</summary>
internal static class Gpt2Files
{
    const string EndOfText = "<|endoftext|>";

    static readonly (string Vocabulary, string Merges)[] Names = [("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe")];

    /// <summary>The pair that a folder has.</summary>
    public static (string Vocabulary, string Merges)? Find(string folder) => Names
        .Select(n => (Path.Combine(folder, n.Vocabulary), Path.Combine(folder, n.Merges)))
        .Where(static p => File.Exists(p.Item1) && File.Exists(p.Item2)).Cast<(string, string)?>().FirstOrDefault();

    /// <summary>The pair that a file belongs to.</summary>
    public static (string Vocabulary, string Merges)? Of(string file) =>
        Names.Any(n => Path.GetFileName(file) == n.Vocabulary || Path.GetFileName(file) == n.Merges) ? Find(Path.GetDirectoryName(Path.GetFullPath(file))!) : null;

    /// <exception cref="ModelFormatException">A line is not a pair, or the vocabulary not a map.</exception>
    public static TextTokenizer Load((string Vocabulary, string Merges) files, TokenizerSettings settings)
    {
        var vocabulary = JsonKeys.ReadIds(files.Vocabulary);
        var merges = new List<(string, string)>(vocabulary.Count);
        var number = 0;
        foreach (var line in File.ReadLines(files.Merges))
        {
            number++;
            if (line.Length > 0 && !(number == 1 && line.StartsWith("#version", StringComparison.Ordinal)))
            {
                merges.Add(line.Split(' ') is [{ Length: > 0 } left, { Length: > 0 } right]
                    ? (left, right) : throw new ModelFormatException(files.Merges, $"line {number}: '{line}' must be two pieces"));
            }
        }
        var names = settings.Tokens.Values.Append(EndOfText).Distinct().Where(vocabulary.ContainsKey);
        int? IdOf(string name) => vocabulary.TryGetValue(name, out var id) ? id : null;
        var ends = settings.EndTokens(IdOf);
        return new ByteLevelTokenizer(
            new BytePairs(files.Vocabulary, vocabulary, merges),
            [.. names.Select(n => new AddedToken(vocabulary[n], n))],
            TextNormalizer.None,
            new WordCutter([WordCutter.AtMatches(ByteLevelTokenizer.Gpt2Words, dropRest: false)]))
        {
            EndTokens = ends.Count == 0 && IdOf(EndOfText) is { } end ? [end] : ends,
            Chat = settings.Chat,
        };
    }
}
