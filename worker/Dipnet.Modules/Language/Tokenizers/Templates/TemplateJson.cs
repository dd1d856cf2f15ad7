using System.Globalization;
using System.Text;

namespace Dipnet.Modules.Language;

/// <summary>Writes a value as Python's <c>json.dumps(value, ensure_ascii=False)</c> does.</summary>
internal static class TemplateJson
{
    public static string Write(object? value, int? indent)
    {
        var text = new StringBuilder();
        Write(value, indent, 0, text);
        return text.ToString();
    }

    static void Write(object? value, int? indent, int depth, StringBuilder text)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case bool flag:
                text.Append(flag ? "true" : "false");
                break;
            case string plain:
                Quote(plain, text);
                break;
            case long or double:
                text.Append(TemplateValues.Text(value));
                break;
            case List<object?> list:
                Enclose('[', ']', list, item => Write(item, indent, depth + 1, text));
                break;
            case Dictionary<string, object?> map:
                Enclose('{', '}', map, pair =>
                {
                    Quote(pair.Key, text);
                    text.Append(": ");
                    Write(pair.Value, indent, depth + 1, text);
                });
                break;
            default:
                throw new TemplateException($"{TemplateValues.Kind(value)} cannot be written as JSON");
        }

        void Enclose<T>(char open, char close, IReadOnlyCollection<T> items, Action<T> write)
        {
            text.Append(open);
            var first = true;
            foreach (var item in items)
            {
                text.Append(first ? "" : indent is null ? ", " : ",");
                NewLine(depth + 1);
                write(item);
                first = false;
            }
            if (!first)
            {
                NewLine(depth);
            }
            text.Append(close);
        }

        void NewLine(int level)
        {
            if (indent is { } width)
            {
                text.Append('\n').Append(' ', width * level);
            }
        }
    }

    static void Quote(string plain, StringBuilder text)
    {
        text.Append('"');
        foreach (var character in plain)
        {
            _ = character switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => text.Append(character),
            };
        }
        text.Append('"');
    }
}
