using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dipnet.Modules.Language;

/// <summary>
/// What the other files of a model folder say about its tokenizer: tokenizer_config.json, special_tokens_map.json, chat_template.jinja (with
/// additional_chat_templates/tool_use.jinja), config.json and generation_config.json. All may be absent.
/// </summary>
internal sealed class TokenizerSettings
{
    public const string ConfigFile = "tokenizer_config.json";

    static readonly string[] TokenKeys = ["bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token", "mask_token"];

    readonly List<int> _endIds = [];
    readonly Dictionary<string, string> _tokens = [];

    /// <param name="folder">Null: nothing is known.</param>
    public TokenizerSettings(string? folder)
    {
        if (folder is null)
        {
            return;
        }
        foreach (var keys in ReadAll(folder, ConfigFile, "special_tokens_map.json"))
        {
            foreach (var key in TokenKeys)
            {
                if (TokenName(keys, key) is { } name)
                {
                    _tokens.TryAdd(key, name);
                }
            }
        }
        foreach (var keys in ReadAll(folder, DecoderConfigFile.FileName, "generation_config.json"))
        {
            _endIds.AddRange(new ConfigKeys(keys.Root, keys.File).Tokens("eos_token_id"));
        }
        Chat = ReadChat(folder);
    }

    /// <summary>Names by key, such as bos_token.</summary>
    public IReadOnlyDictionary<string, string> Tokens => _tokens;

    public ChatTemplate? Chat { get; }

    /// <param name="idOf">Id of a token by its name; null: no such token.</param>
    public IReadOnlyList<int> EndTokens(Func<string, int?> idOf) =>
        [.. _endIds.Concat(_tokens.TryGetValue("eos_token", out var name) && idOf(name) is { } id ? [id] : []).Distinct()];

    static IEnumerable<JsonKeys> ReadAll(string folder, params IEnumerable<string> names) =>
        names.Select(n => Path.Combine(folder, n)).Where(File.Exists).Select(JsonKeys.Read);

    // "<s>", or {"content": "<s>", …}.
    static string? TokenName(JsonKeys keys, string key) => keys.Node(key) is JsonObject ? keys.Optional(key)!.RequiredText("content") : keys.Text(key);

    ChatTemplate? ReadChat(string folder)
    {
        var own = Path.Combine(folder, "chat_template.jinja");
        if (File.Exists(own))
        {
            var withTools = Path.Combine(folder, "additional_chat_templates", "tool_use.jinja");
            return new ChatTemplate(File.ReadAllText(own), own, _tokens, File.Exists(withTools) ? File.ReadAllText(withTools) : null);
        }
        var config = Path.Combine(folder, ConfigFile);
        if (!File.Exists(config))
        {
            return null;
        }
        var keys = JsonKeys.Read(config);
        // A text, or a list of named ones of which one is the default and one may be for tools.
        var isList = keys.Node("chat_template") is JsonArray;
        var source = isList ? Named(keys, "default") : keys.Text("chat_template");
        return source is null ? null : new ChatTemplate(source, $"{config}: chat_template", _tokens, isList ? Named(keys, "tool_use") : null);
    }

    static string? Named(JsonKeys keys, string name) => keys.Items("chat_template").FirstOrDefault(t => t.Text("name") == name)?.RequiredText("template");
}
