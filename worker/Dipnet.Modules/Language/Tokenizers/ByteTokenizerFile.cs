using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dipnet.Modules.Language;

/// <summary>Writes <see cref="ByteTokenizer"/> as <c>tokenizer.json</c>: byte-level BPE without a merge, so that a model of bytes is a folder that the usual loaders take.</summary>
public static class ByteTokenizerFile
{
    public static void Write(string folder)
    {
        var tokenizer = new ByteTokenizer();
        var vocabulary = new JsonObject();
        for (var value = 0; value < 256; value++)
        {
            vocabulary[ByteAlphabet.Character((byte)value).ToString()] = value;
        }
        var special = tokenizer.SpecialTokens.OrderBy(static t => t.Value).ToList();
        var begin = special.Single(static t => t.Value == ByteTokenizer.Begin).Key;
        var root = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. special.Select(static t => (JsonNode)new JsonObject
            {
                ["id"] = t.Value,
                ["content"] = t.Key,
                ["single_word"] = false,
                ["lstrip"] = false,
                ["rstrip"] = false,
                ["normalized"] = false,
                ["special"] = true,
            })]),
            ["normalizer"] = null,
            ["pre_tokenizer"] = ByteLevel(),
            ["post_processor"] = new JsonObject
            {
                ["type"] = "TemplateProcessing",
                ["single"] = new JsonArray(
                    new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = begin, ["type_id"] = 0 } },
                    new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A", ["type_id"] = 0 } }),
                ["pair"] = new JsonArray(
                    new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = begin, ["type_id"] = 0 } },
                    new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A", ["type_id"] = 0 } },
                    new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "B", ["type_id"] = 1 } }),
                ["special_tokens"] = new JsonObject
                {
                    [begin] = new JsonObject { ["id"] = begin, ["ids"] = new JsonArray(ByteTokenizer.Begin), ["tokens"] = new JsonArray(begin) },
                },
            },
            ["decoder"] = ByteLevel(),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray(),
            },
        };
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), root.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
    }

    static JsonObject ByteLevel() => new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = false };
}
