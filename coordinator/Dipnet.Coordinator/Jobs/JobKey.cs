using System.Globalization;
using Dipnet.Protos;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Dipnet.Coordinator.Jobs;

/// <summary>One key of a job file: where it lives in <see cref="JobSpec"/>, what it may be, what it is by default, what it means.</summary>
internal sealed class JobKey
{
    private readonly FieldDescriptor[] _fields;

    public JobKey(string path, string meaning, JobDefault @default)
    {
        Path = path;
        Meaning = meaning;
        Default = @default;
        _fields = Resolve(path);
    }

    public string Path { get; }

    public string Meaning { get; }

    public JobDefault Default { get; }

    public double? Minimum { get; init; }

    public double? Maximum { get; init; }

    /// <summary>The minimum itself is not allowed.</summary>
    public bool Above { get; init; }

    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Comma-separated text; a YAML list is taken too.</summary>
    public bool List { get; init; }

    public FieldType Type => _fields[^1].FieldType;

    /// <summary>The type in words.</summary>
    public string TypeName => Type switch
    {
        FieldType.Bool => "true or false",
        FieldType.Float => "number",
        FieldType.String => "text",
        _ => "integer",
    };

    /// <summary>The range or the choices in words; empty when everything of the type is allowed.</summary>
    public string Range => (Minimum, Maximum) switch
    {
        _ when Choices.Count > 0 => string.Join(" | ", Choices),
        (null, null) => "",
        ({ } low, null) => Above ? $"> {Number(low)}" : $"≥ {Number(low)}",
        (null, { } high) => $"≤ {Number(high)}",
        ({ } low, { } high) => Above ? $"> {Number(low)}, ≤ {Number(high)}" : $"{Number(low)} … {Number(high)}",
    };

    public object Read(JobSpec job)
    {
        IMessage message = job;
        foreach (var field in _fields[..^1])
        {
            message = (IMessage)field.Accessor.GetValue(message);
        }

        return _fields[^1].Accessor.GetValue(message);
    }

    public void Write(JobSpec job, object value)
    {
        IMessage message = job;
        foreach (var field in _fields[..^1])
        {
            message = (IMessage)field.Accessor.GetValue(message);
        }

        _fields[^1].Accessor.SetValue(message, value);
    }

    /// <summary>Reads <paramref name="text"/> as this key's type; <paramref name="rule"/> says why it is not one.</summary>
    public bool TryParse(string text, out object value, out string rule)
    {
        var culture = CultureInfo.InvariantCulture;
        object? parsed = Type switch
        {
            FieldType.String => text,
            FieldType.Bool => text switch { "true" => true, "false" => false, _ => null },
            FieldType.Float => float.TryParse(text, NumberStyles.Float, culture, out var number) && float.IsFinite(number) ? number : null,
            FieldType.UInt32 => uint.TryParse(text, NumberStyles.None, culture, out var whole) ? whole : null,
            FieldType.UInt64 => ulong.TryParse(text, NumberStyles.None, culture, out var large) ? large : null,
            _ => throw new NotSupportedException($"{Path} has a protobuf type that job files do not know: {Type}."),
        };
        value = parsed ?? "";
        rule = parsed is null ? $"must be {TypeInRule}" : Check(parsed);
        return rule.Length == 0;
    }

    /// <summary>The rule that <paramref name="value"/> breaks, or an empty text.</summary>
    public string Check(object value)
    {
        if (Choices.Count > 0)
        {
            return Choices.Contains((string)value) ? "" : $"must be one of {string.Join(", ", Choices)}";
        }

        if (value is bool or string)
        {
            return "";
        }

        var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
        var low = Minimum is { } minimum && (Above ? number <= minimum : number < minimum);
        var high = Maximum is { } maximum && number > maximum;
        return !double.IsFinite(number) || low || high ? $"must be {TypeInRule}" : "";
    }

    /// <summary>The value as a job file writes it; reads back to the same bits.</summary>
    public static string Format(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        float number => number.ToString("R", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => (string)value,
    };

    private string TypeInRule => (Type, Range) switch
    {
        (FieldType.Bool, _) => "true or false",
        (FieldType.String, _) => "text",
        (_, "") => Type == FieldType.Float ? "a number" : "an integer, 0 or more",
        (_, var range) => $"{(Type == FieldType.Float ? "a number" : "an integer")}, {range}",
    };

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);

    private static FieldDescriptor[] Resolve(string path)
    {
        var message = JobSpec.Descriptor;
        var names = path.Split('.');
        var fields = new FieldDescriptor[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            fields[i] = message.FindFieldByName(names[i].Replace('-', '_'))
                ?? throw new InvalidOperationException($"The job has no field for the key {path}.");
            message = i < names.Length - 1 ? fields[i].MessageType : message;
        }

        return fields;
    }
}
