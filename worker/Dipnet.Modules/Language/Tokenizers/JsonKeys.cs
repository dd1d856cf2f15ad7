using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dipnet.Modules.Language;

/// <summary>A JSON object of a tokenizer's files whose errors name file, path of the key, value and rule. A null value counts as absent.</summary>
internal sealed class JsonKeys(JsonObject node, string file, string path)
{
    public string File => file;

    public JsonObject Root => node;

    /// <exception cref="ModelFormatException">Not a JSON object.</exception>
    public static JsonKeys Read(string file)
    {
        try
        {
            return new JsonKeys(JsonNode.Parse(System.IO.File.ReadAllText(file)) as JsonObject ?? throw new ModelFormatException(file, "must be a JSON object"), file, "");
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(file, $"is not valid JSON: {e.Message}");
        }
    }

    public ModelFormatException Wrong(string key, string rule) => new(file, $"{Path(key)}: {rule}");

    public JsonNode? Node(string key) => node[key];

    public JsonKeys Required(string key) => Optional(key) ?? throw Wrong(key, "must be given");

    public JsonKeys? Optional(string key) => node[key] switch
    {
        null => null,
        JsonObject section => new JsonKeys(section, file, Path(key)),
        var other => throw Wrong(key, $"{Short(other)} must be an object"),
    };

    /// <summary>The objects of a list; none where the key is absent.</summary>
    public IReadOnlyList<JsonKeys> Items(string key) => List(key).Select((n, i) => n as JsonObject is { } item
        ? new JsonKeys(item, file, Path($"{key}[{i}]")) : throw Wrong($"{key}[{i}]", "must be an object")).ToList();

    public JsonArray List(string key) => node[key] switch
    {
        null => [],
        JsonArray array => array,
        var other => throw Wrong(key, $"{Short(other)} must be a list"),
    };

    public string? Text(string key) => node[key] is not { } value ? null
        : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : throw Wrong(key, $"{Short(value)} must be a text");

    public string RequiredText(string key) => Text(key) ?? throw Wrong(key, "must be given");

    public bool Flag(string key, bool absent) => node[key] is not { } value ? absent : value.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(key, $"{Short(value)} must be true or false"),
    };

    public int Id(string key) => IsId(node[key], out var id) ? id : throw Wrong(key, $"{Short(node[key])} must be a token id");

    /// <summary>A file that is nothing but names and ids.</summary>
    public static Dictionary<string, int> ReadIds(string file)
    {
        var keys = Read(file);
        return keys.Ids(keys.Root, "");
    }

    /// <summary>A map of names and ids.</summary>
    public Dictionary<string, int> Ids(string key) => Ids(node[key] as JsonObject ?? throw Wrong(key, "must be an object of names and ids"), key);

    Dictionary<string, int> Ids(JsonObject map, string key)
    {
        var ids = new Dictionary<string, int>(map.Count, StringComparer.Ordinal);
        foreach (var (name, value) in map)
        {
            ids.Add(name, IsId(value, out var id) ? id : throw Wrong($"{key}['{name}']", $"{Short(value)} must be a token id"));
        }
        return ids;
    }

    /// <summary>Refuses a key that asks for something else than the values that change nothing.</summary>
    public void RequireOff(string key)
    {
        if (node[key] is { } value && value.ToJsonString() is not ("\"\"" or "false" or "0" or "0.0" or "[]") and var text)
        {
            throw Wrong(key, $"{text} is not supported");
        }
    }

    string Path(string key) => path.Length == 0 ? key : $"{path}.{key}";

    static bool IsId(JsonNode? value, out int id)
    {
        id = -1;
        return value is JsonValue number && number.GetValueKind() == JsonValueKind.Number && number.TryGetValue(out id) && id >= 0;
    }

    static string Short(JsonNode? value) => value?.ToJsonString() is not { } text ? "null" : text.Length > 60 ? text[..60] + "…" : text;
}
