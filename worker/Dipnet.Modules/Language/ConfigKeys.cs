using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dipnet.Modules.Language;

/// <summary>Typed access to a JSON object whose errors name file, key, value and rule. A null value counts as absent.</summary>
internal sealed class ConfigKeys(JsonObject root, string file)
{
    public string File => file;

    public ModelFormatException Wrong(string key, string rule) => new(file, $"{key}: {rule}");

    public JsonNode? Node(string key) => root[key];

    /// <summary>The key is there, be it as null.</summary>
    public bool Has(string key) => root.ContainsKey(key);

    public ConfigKeys? Section(string key) => root[key] switch
    {
        null => null,
        JsonObject section => new ConfigKeys(section, file),
        _ => throw Wrong(key, "must be an object"),
    };

    public string? Text(string key) => root[key] is not { } node ? null
        : node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : throw Wrong(key, $"{node.ToJsonString()} must be a string");

    public double Number(string key, double absent) => OptionalNumber(key) ?? absent;

    public double? OptionalNumber(string key) => root[key] is not { } node ? null
        : node.GetValueKind() == JsonValueKind.Number ? node.GetValue<double>() : throw Wrong(key, $"{node.ToJsonString()} must be a number");

    public bool Flag(string key, bool absent) => root[key] is not { } node ? absent : node.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(key, $"{node.ToJsonString()} must be true or false"),
    };

    public int Positive(string key) => OptionalPositive(key) ?? throw Wrong(key, "must be given");

    public int PositiveOr(string key, int absent) => OptionalPositive(key) ?? absent;

    public int? OptionalPositive(string key) => root[key] is not { } node ? null
        : node.GetValueKind() == JsonValueKind.Number && node.AsValue().TryGetValue<int>(out var value) && value > 0
            ? value
            : throw Wrong(key, $"{node.ToJsonString()} must be a whole number of at least 1");

    /// <summary>One token id or a list of them.</summary>
    public IReadOnlyList<int> Tokens(string key)
    {
        var nodes = root[key] switch { null => [], JsonArray array => array.ToArray(), var single => [single] };
        return [.. nodes.Select(n => n is JsonValue v && v.TryGetValue<int>(out var id) && id >= 0
            ? id : throw Wrong(key, $"{n?.ToJsonString() ?? "null"} must be a token id"))];
    }

    public void Require(string key, string value, string absent)
    {
        if ((Text(key) ?? absent) is var given && given != value)
        {
            throw Wrong(key, $"'{given}' is not supported; supported is {value}");
        }
    }

    public void RequireThat(string key, Func<JsonNode?, bool> allowed, string rule)
    {
        if (!allowed(root[key]))
        {
            throw Wrong(key, rule);
        }
    }
}
