using System.Text.Json;
using Dipnet.Modules.Language;

namespace Dipnet.Worker.Language;

/// <summary>
/// A line of chat data: {"messages": [{"role", "content"}, …], "tools": […]}. The assistant's messages may have {"tool_calls": [{"function": {"name", "arguments"}}, …]},
/// and any message has further fields that its template reads, such as tool_call_id and reasoning_content. Fields that are null count as absent.
/// </summary>
/// <param name="Messages">At least one; the last is the assistant's.</param>
/// <param name="Tools">Objects, as the template's family describes a function; empty: none.</param>
internal sealed record Conversation(IReadOnlyList<ChatMessage> Messages, IReadOnlyList<JsonElement> Tools)
{
    /// <summary>Lives as long as the line's document.</summary>
    /// <exception cref="Dipnet.Worker.Data.DataException">The line is not so; the message names file, line and rule.</exception>
    public static Conversation Parse(JsonLine line)
    {
        if (line.Find("messages") is not { Element.ValueKind: JsonValueKind.Array } list || list.Element.GetArrayLength() == 0)
        {
            throw line.Wrong("\"messages\" must be a list of at least one message");
        }

        var messages = list.Element.EnumerateArray().Select(m => Message(line with { Element = m })).ToList();
        return messages[^1].Role == "assistant"
            ? new Conversation(messages, ToolsOf(line))
            : throw line.Wrong($"the last message must be the assistant's, its role is \"{messages[^1].Role}\"");
    }

    /// <summary>
    /// The same conversation as families of templates expect calls, most of them first: content empty where there is none; null, which is how some know a call; arguments as
    /// JSON text, which some put together with other texts. One alone without calls.
    /// </summary>
    public IEnumerable<Conversation> Forms()
    {
        yield return this with { Messages = [.. Messages.Select(static m => m with { Content = m.Content ?? "" })] };
        if (Messages.Any(static m => m.ToolCalls.Count > 0))
        {
            yield return this;
            yield return this with { Messages = [.. Messages.Select(static m => m with { ToolCalls = [.. m.ToolCalls.Select(Quoted)] })] };
        }

        static ToolCall Quoted(ToolCall call) => call with { Arguments = JsonSerializer.SerializeToElement(call.Arguments.GetRawText()) };
    }

    private static ChatMessage Message(JsonLine message)
    {
        var role = message.Text("role");
        if (role is not ("system" or "user" or "assistant" or "tool"))
        {
            throw message.Wrong($"role \"{role}\" must be system, user, assistant or tool");
        }

        var calls = Calls(message, role);
        var fields = new Dictionary<string, JsonElement>();
        foreach (var property in message.Element.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null && property.Name is not ("role" or "content" or "tool_calls"))
            {
                fields[property.Name] = property.Value;
            }
        }

        return new ChatMessage(role, calls.Count > 0 && message.Find("content") is null ? null : message.Text("content")) { ToolCalls = calls, Fields = fields };
    }

    private static List<ToolCall> Calls(JsonLine message, string role)
    {
        if (message.Find("tool_calls") is not { } calls)
        {
            return [];
        }

        if (calls.Element.ValueKind != JsonValueKind.Array)
        {
            throw message.Wrong("\"tool_calls\" must be a list");
        }

        return calls.Element.GetArrayLength() == 0 || role == "assistant"
            ? [.. calls.Element.EnumerateArray().Select(c => Call(message with { Element = c }))]
            : throw message.Wrong($"\"tool_calls\" must be in the assistant's messages, not in one whose role is \"{role}\"");
    }

    private static ToolCall Call(JsonLine call)
    {
        var function = call.Find("function") ?? call;
        if (function.OptionalText("name") is not { } name)
        {
            throw call.Wrong("a tool call must be {\"function\": {\"name\", \"arguments\"}}");
        }

        return function.Find("arguments")?.Unquoted() is { Element.ValueKind: JsonValueKind.Object } arguments
            ? new ToolCall(name, arguments.Element, call.OptionalText("id"))
            : throw call.Wrong($"\"arguments\" of the call of \"{name}\" must be an object, or a string that holds one");
    }

    private static List<JsonElement> ToolsOf(JsonLine line)
    {
        if (line.Find("tools")?.Unquoted() is not { } tools)
        {
            return [];
        }

        return tools.Element.ValueKind == JsonValueKind.Array && tools.Element.EnumerateArray().All(static t => t.ValueKind == JsonValueKind.Object)
            ? [.. tools.Element.EnumerateArray()]
            : throw line.Wrong("\"tools\" must be a list of objects, or a string that holds one");
    }
}
