using System.Text.Json;

namespace Dipnet.Modules.Language;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">system, user, assistant or tool; a template may refuse others.</param>
/// <param name="Content">Plain text; null where the turn is <see cref="ToolCalls"/> alone.</param>
public sealed record ChatMessage(string Role, string? Content)
{
    /// <summary>What the assistant asks its tools for, in order. Without any, a template sees no <c>tool_calls</c> at all.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>Whatever else a template may read of a turn, by name: <c>tool_call_id</c>, <c>name</c>, <c>reasoning_content</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement> Fields { get; init; } = new Dictionary<string, JsonElement>();
}
