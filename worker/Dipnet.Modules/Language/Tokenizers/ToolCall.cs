using System.Text.Json;

namespace Dipnet.Modules.Language;

/// <summary>A function that the assistant calls. A template sees <c>{"type": "function", "function": {"name", "arguments"}}</c>, with <c>id</c> where there is one.</summary>
/// <param name="Name">The function's.</param>
/// <param name="Arguments">An object: values by name; or a string that holds one, for templates that take it so.</param>
/// <param name="Id">What the tool's answer refers to; null: nothing.</param>
public sealed record ToolCall(string Name, JsonElement Arguments, string? Id = null);
