using System.Globalization;

namespace Dipnet.Modules.Language;

/// <summary>
/// Python's view of values. A value is null (None), undefined, bool, long, double, string, <see cref="List{T}"/> of values, a dictionary of values by name, or a function.
/// </summary>
internal static class TemplateValues
{
    public static bool True(object? value) => value switch
    {
        null or TemplateUndefined => false,
        bool flag => flag,
        long number => number != 0,
        double number => number != 0,
        string text => text.Length > 0,
        List<object?> list => list.Count > 0,
        Dictionary<string, object?> map => map.Count > 0,
        _ => true,
    };

    public static string Text(object? value) => value switch
    {
        null => "None",
        TemplateUndefined => "",
        true => "True",
        false => "False",
        string text => text,
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => TemplateNumbers.Real(number),
        _ => throw new TemplateException($"{Kind(value)} cannot be written as text"),
    };

    public static string Kind(object? value) => value switch
    {
        null => "none",
        TemplateUndefined undefined => $"'{undefined.Name}', which is undefined,",
        bool => "a truth value",
        long or double => "a number",
        string => "a text",
        List<object?> => "a list",
        Dictionary<string, object?> => "a mapping",
        _ => "a function",
    };

    public static new bool Equals(object? left, object? right) => (left, right) switch
    {
        (TemplateUndefined, TemplateUndefined) => true,
        (string a, string b) => string.Equals(a, b, StringComparison.Ordinal),
        (List<object?> a, List<object?> b) => a.Count == b.Count && a.Zip(b).All(static p => Equals(p.First, p.Second)),
        (Dictionary<string, object?> a, Dictionary<string, object?> b) => a.Count == b.Count && a.All(p => b.TryGetValue(p.Key, out var other) && Equals(p.Value, other)),
        _ when IsNumber(left) && IsNumber(right) => Number(left) == Number(right),
        _ => object.Equals(left, right),
    };

    public static int Compare(object? left, object? right) => (left, right) switch
    {
        (string a, string b) => string.CompareOrdinal(a, b),
        _ when IsNumber(left) && IsNumber(right) => Number(left).CompareTo(Number(right)),
        _ => throw new TemplateException($"{Kind(left)} and {Kind(right)} have no order"),
    };

    public static bool Contains(object? whole, object? part) => whole switch
    {
        string text => text.Contains(part as string ?? throw new TemplateException($"{Kind(part)} cannot be in a text"), StringComparison.Ordinal),
        List<object?> list => list.Exists(item => Equals(item, part)),
        Dictionary<string, object?> map => part is string name && map.ContainsKey(name),
        TemplateUndefined => false,
        _ => throw new TemplateException($"{Kind(whole)} contains nothing"),
    };

    public static List<object?> Items(object? value) => value switch
    {
        TemplateUndefined => [],
        List<object?> list => list,
        Dictionary<string, object?> map => [.. map.Keys],
        string text => [.. text.EnumerateRunes().Select(static r => r.ToString())],
        _ => throw new TemplateException($"{Kind(value)} cannot be walked through"),
    };

    public static long Length(object? value) => Items(value).Count;

    /// <summary><c>value.name</c>.</summary>
    public static object? Attribute(object? value, string name) => TemplateMethods.Find(value, name) ?? value switch
    {
        Dictionary<string, object?> map => map.TryGetValue(name, out var found) ? found : TemplateUndefined.Of(name),
        TemplateUndefined undefined => throw new TemplateException($"'{undefined.Name}' is undefined and has no '{name}'"),
        _ => TemplateUndefined.Of(name),
    };

    /// <summary><c>value[key]</c>.</summary>
    public static object? Item(object? value, object? key) => (value, key) switch
    {
        (TemplateUndefined undefined, _) => throw new TemplateException($"'{undefined.Name}' is undefined and has no items"),
        (Dictionary<string, object?> map, string name) => map.TryGetValue(name, out var found) ? found : TemplateMethods.Find(value, name) ?? (object)TemplateUndefined.Of(name),
        (List<object?> or string, long index) => Items(value) is var items && (index < 0 ? index + items.Count : index) is var at && at >= 0 && at < items.Count
            ? items[(int)at] : TemplateUndefined.Of($"[{index}]"),
        (_, string name) => Attribute(value, name),
        _ => TemplateUndefined.Of(Kind(key)),
    };

    /// <summary><c>value[from:to:step]</c>; null stands for a bound that is not given.</summary>
    public static object? Slice(object? value, long? from, long? to, long step)
    {
        if (step == 0)
        {
            throw new TemplateException("the step of a slice must not be 0");
        }
        var items = Items(value);
        var count = (long)items.Count;
        var first = Bound(from, step > 0 ? 0 : count - 1);
        var end = Bound(to, step > 0 ? count : -1, given: to is not null);
        var slice = new List<object?>();
        for (var i = first; step > 0 ? i < end : i > end; i += step)
        {
            slice.Add(items[(int)i]);
        }
        return value is string ? string.Concat(slice) : slice;

        long Bound(long? bound, long absent, bool given = true) => bound is not { } place || !given ? absent
            : step > 0 ? Math.Clamp(place < 0 ? place + count : place, 0, count) : Math.Clamp(place < 0 ? place + count : place, -1, count - 1);
    }

    public static object? Add(object? left, object? right) => (left, right) switch
    {
        (string a, string b) => a + b,
        (List<object?> a, List<object?> b) => new List<object?>([.. a, .. b]),
        _ => Arithmetic("+", left, right),
    };

    public static object? Arithmetic(string sign, object? left, object? right)
    {
        if (!IsNumber(left) || !IsNumber(right))
        {
            throw new TemplateException($"{sign} cannot be applied to {Kind(left)} and {Kind(right)}");
        }
        if (sign is "/" or "//" or "%" && Number(right) == 0)
        {
            throw new TemplateException("division by zero");
        }
        if (left is double || right is double || sign == "/")
        {
            var (x, y) = (Number(left), Number(right));
            return sign switch { "+" => x + y, "-" => x - y, "*" => x * y, "/" => x / y, "//" => Math.Floor(x / y), "%" => x - y * Math.Floor(x / y), _ => Math.Pow(x, y) };
        }
        var (a, b) = (Convert.ToInt64(left, CultureInfo.InvariantCulture), Convert.ToInt64(right, CultureInfo.InvariantCulture));
        return sign switch { "+" => a + b, "-" => a - b, "*" => a * b, "//" => Floor(a, b), "%" => a - b * Floor(a, b), _ => (object)(long)Math.Pow(a, b) };

        static long Floor(long a, long b) => a / b - (a % b != 0 && a < 0 != b < 0 ? 1 : 0);
    }

    static bool IsNumber(object? value) => value is long or double or bool;

    static double Number(object? value) => Convert.ToDouble(value, CultureInfo.InvariantCulture);
}
