namespace Dipnet.Modules.Language;

/// <summary>Variables by name; a name that is not here is looked for around.</summary>
internal sealed class TemplateScope(TemplateScope? around)
{
    readonly Dictionary<string, object?> _variables = new(StringComparer.Ordinal);

    public TemplateScope Root => around?.Root ?? this;

    public object? this[string name]
    {
        get => _variables.TryGetValue(name, out var value) ? value : around is null ? TemplateUndefined.Of(name) : around[name];
        set => _variables[name] = value;
    }
}
