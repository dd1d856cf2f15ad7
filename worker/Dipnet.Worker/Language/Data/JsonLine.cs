using System.Text.Json;
using Dipnet.Worker.Data;

namespace Dipnet.Worker.Language;

/// <summary>A value of a line of JSON.</summary>
/// <param name="Element">Read while the line's document lives.</param>
/// <param name="Place">File and line, which errors begin with.</param>
internal readonly record struct JsonLine(JsonElement Element, string Place)
{
    /// <summary>A string that must be there.</summary>
    public string Text(string key) => OptionalText(key) ?? throw Wrong($"\"{key}\" must be given and be a string");

    /// <summary>A string; null where there is none, or something else.</summary>
    public string? OptionalText(string key) => Find(key) is { Element.ValueKind: JsonValueKind.String } text ? text.Element.GetString() : null;

    /// <summary>What an object has under a name; null where it has nothing or null: exports of tables write null for what a line does not have.</summary>
    public JsonLine? Find(string key) =>
        Element.ValueKind == JsonValueKind.Object && Element.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? this with { Element = value } : null;

    /// <summary>The value itself, or the one that a string holds as JSON: both are common where a table has no column type for nested values.</summary>
    public JsonLine Unquoted()
    {
        if (Element.ValueKind != JsonValueKind.String)
        {
            return this;
        }

        try
        {
            using var document = JsonDocument.Parse(Element.GetString()!);
            return this with { Element = document.RootElement.Clone() };
        }
        catch (JsonException)
        {
            return this;
        }
    }

    public DataException Wrong(string rule) => new($"{Place}: {rule}");
}
