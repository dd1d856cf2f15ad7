using System.Text.Json.Nodes;

namespace Dipnet.Modules.Language;

/// <summary>Reads the <c>model</c> of a tokenizer.json.</summary>
internal static class BytePairModel
{
    public static BytePairs Read(JsonKeys model, IReadOnlyList<AddedToken> added)
    {
        // Files written by early versions of the library leave the type out.
        if ((model.Text("type") ?? (model.Node("merges") is null ? "absent" : "BPE")) is not "BPE" and var type)
        {
            throw model.Wrong("type", $"'{type}' is not supported; supported is BPE");
        }
        model.RequireOff("dropout");
        model.RequireOff("continuing_subword_prefix");
        model.RequireOff("end_of_word_suffix");
        var vocabulary = model.Ids("vocab");
        var unknown = model.Text("unk_token");
        return new BytePairs(model.File, vocabulary, [.. model.List("merges").Select((n, i) => Merge(model, n, i))])
        {
            WholeWordsFirst = model.Flag("ignore_merges", false),
            ByteFallback = model.Flag("byte_fallback", false),
            FuseUnknown = model.Flag("fuse_unk", false),
            Unknown = unknown is null ? null
                : vocabulary.TryGetValue(unknown, out var id) ? id
                : added.FirstOrDefault(t => t.Name == unknown)?.Id ?? throw model.Wrong("unk_token", $"'{unknown}' is not in the vocabulary"),
        };
    }

    // "a b" of older files, ["a", "b"] of newer ones.
    static (string, string) Merge(JsonKeys model, JsonNode? node, int index)
    {
        if (node is JsonArray { Count: 2 } pair && pair[0] is JsonValue first && first.TryGetValue<string>(out var left) && left.Length > 0
            && pair[1] is JsonValue second && second.TryGetValue<string>(out var right) && right.Length > 0)
        {
            return (left, right);
        }
        return node is JsonValue value && value.TryGetValue<string>(out var text) && text.Split(' ') is [{ Length: > 0 } a, { Length: > 0 } b]
            ? (a, b)
            : throw model.Wrong($"merges[{index}]", $"{node?.ToJsonString() ?? "null"} must be two pieces");
    }
}
