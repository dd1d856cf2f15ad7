using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dipnet.Modules.Language;

namespace Dipnet.Modules.Tests.Language.Tokenizers;

/// <summary>Tokenizer files made from GPT-2's pieces and from a SentencePiece model.</summary>
internal static class TokenizerFixtures
{
    public const string Qwen2Words =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>GPT-2's tokenizer.json; parts are replaced by name.</summary>
    public static JsonObject Gpt2(string dataFolder, params (string Part, string Json)[] parts)
    {
        var root = new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray(Added(50256, "<|endoftext|>")),
            ["normalizer"] = null,
            ["pre_tokenizer"] = JsonNode.Parse("""{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}"""),
            ["post_processor"] = JsonNode.Parse("""{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":false,"use_regex":true}"""),
            ["decoder"] = JsonNode.Parse("""{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}"""),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = "",
                ["end_of_word_suffix"] = "",
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["vocab"] = JsonNode.Parse(File.ReadAllText(Path.Combine(dataFolder, "encoder.json"))),
                ["merges"] = new JsonArray([.. File.ReadLines(Path.Combine(dataFolder, "vocab.bpe")).Skip(1).Where(l => l.Length > 0).Select(l => (JsonNode)l)]),
            },
        };
        return With(root, parts);
    }

    /// <summary>Qwen2's way of cutting and its special tokens, over GPT-2's pieces.</summary>
    public static JsonObject Qwen2(string dataFolder)
    {
        var root = Gpt2(dataFolder, ("normalizer", """{"type":"NFC"}"""));
        root["pre_tokenizer"] = JsonNode.Parse($$"""
            {"type":"Sequence","pretokenizers":[
              {"type":"Split","pattern":{"Regex":{{JsonSerializer.Serialize(Qwen2Words)}}},"behavior":"Isolated","invert":false},
              {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":false,"use_regex":false}]}
            """);
        root["added_tokens"] = new JsonArray(
            Added(50256, "<|endoftext|>"), Added(50257, "<|im_start|>"), Added(50258, "<|im_end|>"), Added(50259, "<tool_call>", special: false));
        return root;
    }

    /// <summary>Llama 2's tokenizer.json made from a SentencePiece model as its converter does: merges are the pairs of pieces that make a piece, best first.</summary>
    public static JsonObject Llama(string model, params (string Part, string Json)[] parts)
    {
        var pieces = SentencePieceFile.Parse(File.ReadAllBytes(model), model).Pieces;
        var ids = pieces.Select((p, i) => (p.Text, i)).ToDictionary(p => p.Text, p => p.i);
        var merges = from piece in pieces.Select((p, i) => (p.Text, Id: i, p.Kind))
                     where piece.Kind == SentencePieceFile.Kind.Normal
                     from at in Enumerable.Range(1, Math.Max(0, piece.Text.Length - 1))
                     let left = piece.Text[..at]
                     let right = piece.Text[at..]
                     where ids.ContainsKey(left) && ids.ContainsKey(right)
                     orderby piece.Id, ids[left], ids[right]
                     select $"{left} {right}";
        var root = new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray(Added(0, "<unk>"), Added(1, "<s>"), Added(2, "</s>"), Added(3, "<mark>", special: false)),
            ["normalizer"] = JsonNode.Parse("""
                {"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}
                """),
            ["pre_tokenizer"] = null,
            ["post_processor"] = JsonNode.Parse("""
                {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
                 "pair":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"<s>","type_id":1}},{"Sequence":{"id":"B","type_id":1}}],
                 "special_tokens":{"<s>":{"id":"<s>","ids":[1],"tokens":["<s>"]}}}
                """),
            ["decoder"] = JsonNode.Parse("""
                {"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},
                 {"type":"Strip","content":" ","start":1,"stop":0}]}
                """),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = "<unk>",
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = true,
                ["byte_fallback"] = true,
                ["vocab"] = new JsonObject(ids.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))),
                ["merges"] = new JsonArray([.. merges.Select(m => (JsonNode)m)]),
            },
        };
        return With(root, parts);
    }

    public static JsonObject Added(int id, string name, bool special = true, bool left = false, bool right = false) => new()
    {
        ["id"] = id,
        ["content"] = name,
        ["single_word"] = false,
        ["lstrip"] = left,
        ["rstrip"] = right,
        ["normalized"] = false,
        ["special"] = special,
    };

    static JsonObject With(JsonObject root, (string Part, string Json)[] parts)
    {
        foreach (var (part, json) in parts)
        {
            root[part] = JsonNode.Parse(json);
        }
        return root;
    }
}
