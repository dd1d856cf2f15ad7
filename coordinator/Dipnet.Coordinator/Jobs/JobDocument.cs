using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Dipnet.Coordinator.Jobs;

/// <summary>
/// Reads the YAML of a job file into entries with their lines. It works on parser events, because every key, also a doubled or an
/// unknown one, must be reported with its own line, and all of them at once.
/// </summary>
internal sealed class JobDocument
{
    private readonly string _file;
    private readonly List<JobEntry> _entries = [];
    private readonly List<JobFileError> _errors = [];
    private readonly HashSet<string> _seen = [];

    private JobDocument(string file) => _file = file;

    public IReadOnlyList<JobEntry> Entries => _entries;

    public IReadOnlyList<JobFileError> Errors => _errors;

    public static JobDocument Read(string text, string file)
    {
        var document = new JobDocument(file);
        try
        {
            document.ReadStream(new Parser(new StringReader(text)));
        }
        catch (YamlException exception)
        {
            var message = (exception.InnerException ?? exception).Message;
            document._errors.Add(new(file, (int)exception.Start.Line, "", "", $"is not YAML: {message}"));
        }

        return document;
    }

    private void ReadStream(Parser parser)
    {
        parser.Consume<StreamStart>();
        if (parser.Accept<StreamEnd>(out _))
        {
            return;
        }

        parser.Consume<DocumentStart>();
        if (parser.Accept<MappingStart>(out _))
        {
            ReadMapping(parser, "");
        }
        else if (parser.Current is Scalar { Value: "" })
        {
            parser.SkipThisAndNestedEvents();
        }
        else
        {
            Report(parser.Current!, "", "", "must be a mapping of keys to values");
            parser.SkipThisAndNestedEvents();
        }

        parser.Consume<DocumentEnd>();
        if (parser.Accept<DocumentStart>(out var second))
        {
            Report(second!, "", "", "holds more than one document");
        }
    }

    private void ReadMapping(Parser parser, string prefix)
    {
        parser.Consume<MappingStart>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (parser.Current is not Scalar name)
            {
                Report(parser.Current!, prefix, "", "a key must be plain text");
                parser.SkipThisAndNestedEvents();
                parser.SkipThisAndNestedEvents();
                continue;
            }

            parser.MoveNext();
            ReadValue(parser, name, prefix.Length == 0 ? name.Value : $"{prefix}.{name.Value}");
        }
    }

    private void ReadValue(Parser parser, Scalar name, string path)
    {
        var key = JobKeys.Find(path);
        var group = key is null && JobKeys.IsGroup(path);
        if (!_seen.Add(path))
        {
            Report(name, path, ValueText(parser), "is given twice");
        }
        else if (key is null && !group)
        {
            Report(name, path, ValueText(parser), JobKeyNames.UnknownRule(path));
        }
        else if (group && parser.Accept<MappingStart>(out _))
        {
            ReadMapping(parser, path);
            return;
        }
        else if (group)
        {
            Report(name, path, ValueText(parser), "must be a group of keys");
        }
        else if (parser.Current is Scalar scalar && !IsNull(scalar))
        {
            _entries.Add(new(_file, (int)name.Start.Line, path, scalar.Value));
        }
        else if (key!.List && parser.Accept<SequenceStart>(out _))
        {
            ReadList(parser, name, path);
            return;
        }
        else
        {
            Report(name, path, ValueText(parser), parser.Current is Scalar ? "has no value" : "must be a single value");
        }

        parser.SkipThisAndNestedEvents();
    }

    private void ReadList(Parser parser, Scalar name, string path)
    {
        parser.Consume<SequenceStart>();
        var items = new List<string>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            if (parser.Current is Scalar item)
            {
                items.Add(item.Value);
            }
            else
            {
                Report(name, path, "", "must be a list of single values");
            }

            parser.SkipThisAndNestedEvents();
        }

        _entries.Add(new(_file, (int)name.Start.Line, path, string.Join(',', items)));
    }

    private static bool IsNull(Scalar scalar) => scalar is { Style: ScalarStyle.Plain, Value: "" or "~" or "null" };

    private static string ValueText(Parser parser) => parser.Current switch
    {
        Scalar scalar => scalar.Value,
        MappingStart => "{…}",
        SequenceStart => "[…]",
        AnchorAlias alias => $"*{alias.Value}",
        _ => "",
    };

    private void Report(ParsingEvent place, string key, string value, string rule) =>
        _errors.Add(new(_file, (int)place.Start.Line, key, value, rule));
}
