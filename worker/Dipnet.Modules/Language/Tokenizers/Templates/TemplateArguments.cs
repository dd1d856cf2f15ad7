namespace Dipnet.Modules.Language;

/// <summary>Arguments of a call, a filter or a test.</summary>
/// <param name="Positional">In order.</param>
/// <param name="Named">By name.</param>
internal sealed record TemplateArguments(IReadOnlyList<object?> Positional, IReadOnlyDictionary<string, object?> Named)
{
    public static TemplateArguments None { get; } = new([], new Dictionary<string, object?>());

    /// <summary>The argument at a place or of a name; undefined when not given.</summary>
    public object? At(int place, string name) =>
        place < Positional.Count ? Positional[place] : Named.TryGetValue(name, out var value) ? value : TemplateUndefined.Of(name);

    public string Text(int place, string name) => At(place, name) as string ?? throw new TemplateException($"argument '{name}' must be a text");

    public long Whole(int place, string name, long absent) => At(place, name) switch
    {
        TemplateUndefined => absent,
        long value => value,
        _ => throw new TemplateException($"argument '{name}' must be a whole number"),
    };
}
