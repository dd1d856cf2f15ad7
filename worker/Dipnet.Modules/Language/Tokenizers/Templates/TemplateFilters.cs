using System.Globalization;

namespace Dipnet.Modules.Language;

/// <summary><c>value | filter</c> and <c>value is test</c>.</summary>
internal static class TemplateFilters
{
    internal delegate object? Filter(object? value, TemplateArguments arguments);

    internal delegate bool Test(object? value, TemplateArguments arguments);

    public static readonly IReadOnlyDictionary<string, Filter> Filters = new Dictionary<string, Filter>
    {
        ["trim"] = static (v, a) => TemplateMethods.Trim(TemplateValues.Text(v), a, start: true, end: true),
        ["upper"] = static (v, _) => TemplateValues.Text(v).ToUpperInvariant(),
        ["lower"] = static (v, _) => TemplateValues.Text(v).ToLowerInvariant(),
        ["capitalize"] = static (v, _) => TemplateMethods.Capitalize(TemplateValues.Text(v)),
        ["title"] = static (v, _) => TemplateMethods.Title(TemplateValues.Text(v)),
        ["replace"] = static (v, a) => TemplateMethods.Replace(TemplateValues.Text(v), a),
        ["string"] = static (v, _) => TemplateValues.Text(v),
        ["safe"] = static (v, _) => v,
        ["int"] = static (v, _) => v is double real ? (long)real : long.TryParse(TemplateValues.Text(v), NumberStyles.Integer, CultureInfo.InvariantCulture, out var n) ? n : 0L,
        ["length"] = static (v, _) => TemplateValues.Length(v),
        ["count"] = static (v, _) => TemplateValues.Length(v),
        ["first"] = static (v, _) => TemplateValues.Items(v) is [var first, ..] ? first : TemplateUndefined.Of("first"),
        ["last"] = static (v, _) => TemplateValues.Items(v) is [.., var last] ? last : TemplateUndefined.Of("last"),
        ["list"] = static (v, _) => new List<object?>(TemplateValues.Items(v)),
        ["reverse"] = static (v, _) => TemplateValues.Slice(v, null, null, -1),
        ["join"] = static (v, a) => string.Join(a.At(0, "d") is string separator ? separator : "", TemplateValues.Items(v).Select(TemplateValues.Text)),
        ["default"] = Default,
        ["d"] = Default,
        ["items"] = static (v, _) => v is Dictionary<string, object?> map ? TemplateMethods.Pairs(map)
            : v is TemplateUndefined ? new List<object?>() : throw new TemplateException($"{TemplateValues.Kind(v)} has no items"),
        ["tojson"] = static (v, a) => TemplateJson.Write(v, a.At(0, "indent") is long indent ? (int)indent : null),
        ["select"] = static (v, a) => Select(v, a, static i => i, wanted: true),
        ["reject"] = static (v, a) => Select(v, a, static i => i, wanted: false),
        ["selectattr"] = static (v, a) => SelectAttribute(v, a, wanted: true),
        ["rejectattr"] = static (v, a) => SelectAttribute(v, a, wanted: false),
        ["unique"] = static (v, _) => Unique(v),
        ["dictsort"] = static (v, _) => v is Dictionary<string, object?> map ? TemplateMethods.Pairs(map).OrderBy(static p => (string)((List<object?>)p!)[0]!, StringComparer.OrdinalIgnoreCase).ToList()
            : throw new TemplateException($"{TemplateValues.Kind(v)} has no items"),
        ["map"] = static (v, a) => a.Named.TryGetValue("attribute", out var name) && name is string attribute
            ? TemplateValues.Items(v).ConvertAll(i => TemplateValues.Attribute(i, attribute))
            : FilterNamed(a.Text(0, "filter")) is var filter ? TemplateValues.Items(v).ConvertAll(i => filter(i, TemplateArguments.None)) : null,
    };

    public static readonly IReadOnlyDictionary<string, Test> Tests = new Dictionary<string, Test>
    {
        ["defined"] = static (v, _) => v is not TemplateUndefined,
        ["undefined"] = static (v, _) => v is TemplateUndefined,
        ["none"] = static (v, _) => v is null,
        ["string"] = static (v, _) => v is string,
        ["number"] = static (v, _) => v is long or double or bool,
        ["integer"] = static (v, _) => v is long,
        ["float"] = static (v, _) => v is double,
        ["boolean"] = static (v, _) => v is bool,
        ["true"] = static (v, _) => v is true,
        ["false"] = static (v, _) => v is false,
        ["mapping"] = static (v, _) => v is Dictionary<string, object?>,
        ["iterable"] = static (v, _) => v is string or List<object?> or Dictionary<string, object?> or TemplateUndefined,
        ["sequence"] = static (v, _) => v is string or List<object?> or Dictionary<string, object?> or TemplateUndefined,
        ["callable"] = static (v, _) => v is TemplateFunction,
        ["odd"] = static (v, _) => TemplateValues.Equals(TemplateValues.Arithmetic("%", v, 2L), 1L),
        ["even"] = static (v, _) => TemplateValues.Equals(TemplateValues.Arithmetic("%", v, 2L), 0L),
        ["equalto"] = static (v, a) => TemplateValues.Equals(v, a.At(0, "other")),
        ["eq"] = static (v, a) => TemplateValues.Equals(v, a.At(0, "other")),
        ["ne"] = static (v, a) => !TemplateValues.Equals(v, a.At(0, "other")),
        ["in"] = static (v, a) => TemplateValues.Contains(a.At(0, "seq"), v),
    };

    public static Filter FilterNamed(string name) => Filters.TryGetValue(name, out var filter) ? filter : throw new TemplateException($"the filter '{name}' is not supported");

    public static Test TestNamed(string name) => Tests.TryGetValue(name, out var test) ? test : throw new TemplateException($"the test '{name}' is not supported");

    static object? Default(object? value, TemplateArguments arguments) =>
        value is TemplateUndefined || TemplateValues.True(arguments.At(1, "boolean")) && !TemplateValues.True(value)
            ? arguments.At(0, "default_value") is var other and not TemplateUndefined ? other : "" : value;

    // selectattr("name"), selectattr("name", "test", argument): the rest is as for select.
    static List<object?> SelectAttribute(object? value, TemplateArguments arguments, bool wanted)
    {
        var attribute = arguments.Text(0, "attribute");
        return Select(value, new TemplateArguments([.. arguments.Positional.Skip(1)], arguments.Named), i => TemplateValues.Attribute(i, attribute), wanted);
    }

    // select(), select("test", argument).
    static List<object?> Select(object? value, TemplateArguments arguments, Func<object?, object?> tested, bool wanted)
    {
        Test test = arguments.Positional.Count > 0 ? TestNamed(arguments.Text(0, "test")) : static (v, _) => TemplateValues.True(v);
        var rest = new TemplateArguments([.. arguments.Positional.Skip(1)], arguments.Named);
        return TemplateValues.Items(value).FindAll(i => test(tested(i), rest) == wanted);
    }

    // Texts are equal whatever their case, as in Jinja.
    static List<object?> Unique(object? value)
    {
        var kept = new List<object?>();
        foreach (var item in TemplateValues.Items(value))
        {
            if (!kept.Exists(k => TemplateValues.Equals(Folded(k), Folded(item))))
            {
                kept.Add(item);
            }
        }
        return kept;

        static object? Folded(object? value) => value is string text ? text.ToLowerInvariant() : value;
    }
}
