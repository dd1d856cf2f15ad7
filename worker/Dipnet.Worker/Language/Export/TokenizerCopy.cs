using Dipnet.Modules.Language;
using Dipnet.Protos;

namespace Dipnet.Worker.Language;

/// <summary>Puts a job's tokenizer beside an exported model, under names that loaders look for.</summary>
internal static class TokenizerCopy
{
    /// <summary>Names of vocabularies; where a file of a pair is, the other belongs to it.</summary>
    private static readonly string[][] Vocabularies =
        [["tokenizer.json"], ["vocab.json", "merges.txt"], ["encoder.json", "vocab.bpe"], ["tokenizer.model"], ["tokenizer.bin"]];

    /// <summary>How the vocabulary is used, how conversations are written and texts are generated.</summary>
    private static readonly string[] Settings =
        ["tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja", "additional_chat_templates/tool_use.jinja", "generation_config.json"];

    public static void Write(JobSpec job, string folder)
    {
        if (Source(job.Model) is not { } source)
        {
            ByteTokenizerFile.Write(folder);
            return;
        }

        var given = Directory.Exists(source) ? null : Path.GetFileName(source);
        var beside = given is null ? source : Path.GetDirectoryName(Path.GetFullPath(source))!;
        var vocabulary = given is null ? Vocabularies.SelectMany(static v => v) : Vocabularies.FirstOrDefault(v => v.Contains(given)) ?? [];
        foreach (var name in vocabulary.Concat(Settings).Where(n => File.Exists(Path.Combine(beside, n))))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, name))!);
            File.Copy(Path.Combine(beside, name), Path.Combine(folder, name), overwrite: true);
        }

        // A file may have any name; its extension says what it is.
        if (given is not null && !Vocabularies.Any(v => v.Contains(given)))
        {
            File.Copy(source, Path.Combine(folder, "tokenizer" + Path.GetExtension(given).ToLowerInvariant()), overwrite: true);
        }
    }

    private static string? Source(ModelSpec model) => (model.Tokenizer, model.Path) switch
    {
        ({ Length: > 0 } given, _) => given,
        (_, { Length: > 0 } path) => File.Exists(path) ? Path.GetDirectoryName(Path.GetFullPath(path))! : path,
        _ => null,
    };
}
