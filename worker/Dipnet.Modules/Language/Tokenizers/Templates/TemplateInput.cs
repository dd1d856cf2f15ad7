using System.Globalization;
using System.Text.Json;

namespace Dipnet.Modules.Language;

/// <summary>Conversations and JSON as the values that a template works with.</summary>
internal static class TemplateInput
{
    public static Dictionary<string, object?> Message(ChatMessage message)
    {
        var value = new Dictionary<string, object?> { ["role"] = message.Role, ["content"] = message.Content };
        if (message.ToolCalls.Count > 0)
        {
            value["tool_calls"] = message.ToolCalls.Select(static c => (object?)Call(c)).ToList();
        }
        foreach (var (name, field) in message.Fields)
        {
            value[name] = Value(field);
        }
        return value;
    }

    /// <exception cref="TemplateException">A whole number is beyond 64 bits.</exception>
    public static object? Value(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => json.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => Number(json.GetRawText()),
        JsonValueKind.Array => json.EnumerateArray().Select(Value).ToList(),
        JsonValueKind.Object => Mapping(json),
        _ => null,
    };

    static Dictionary<string, object?> Call(ToolCall call)
    {
        var value = new Dictionary<string, object?>();
        if (call.Id is not null)
        {
            value["id"] = call.Id;
        }
        value["type"] = "function";
        value["function"] = new Dictionary<string, object?> { ["name"] = call.Name, ["arguments"] = Value(call.Arguments) };
        return value;
    }

    // Of equal names the last one's value counts, as in Python.
    static Dictionary<string, object?> Mapping(JsonElement json)
    {
        var value = new Dictionary<string, object?>();
        foreach (var property in json.EnumerateObject())
        {
            value[property.Name] = Value(property.Value);
        }
        return value;
    }

    static object Number(string digits) =>
        digits.AsSpan().ContainsAny(".eE") ? double.Parse(digits, CultureInfo.InvariantCulture)
        : long.TryParse(digits, CultureInfo.InvariantCulture, out var whole) ? (object)whole
        : throw new TemplateException($"the number {digits} must fit into 64 bits");
}
