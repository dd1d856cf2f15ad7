using System.Text;
using System.Text.RegularExpressions;

namespace Dipnet.Modules.Language;

/// <summary>
/// Cuts a Jinja template into tokens with the white-space rules that chat templates are written for: <c>trim_blocks</c> (a line break after a block is dropped),
/// <c>lstrip_blocks</c> (so is indentation in front of one), one line break at the end of the source is dropped, and <c>-</c> strips on its side.
/// </summary>
internal sealed partial class TemplateLexer
{
    readonly string _source;
    readonly List<TemplateToken> _tokens = [];
    int _at;

    TemplateLexer(string source)
    {
        source = source.Replace("\r\n", "\n", StringComparison.Ordinal);
        _source = source.EndsWith('\n') ? source[..^1] : source;
    }

    public static List<TemplateToken> Read(string source)
    {
        var lexer = new TemplateLexer(source);
        lexer.ReadAll();
        return lexer._tokens;
    }

    [GeneratedRegex(@"\G(?:(?<name>[A-Za-z_]\w*)|(?<real>\d+\.\d+)|(?<whole>\d+)|(?<text>'(?:[^'\\]|\\.)*'|""(?:[^""\\]|\\.)*"")|(?<operator>==|!=|<=|>=|//|\*\*|[-+*/%~<>=.,:|()\[\]{}]))",
        RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Lexeme { get; }

    int Line => _source.AsSpan(0, _at).Count('\n') + 1;

    void ReadAll()
    {
        var (stripNext, atLineStart) = (false, true);
        while (_at < _source.Length)
        {
            var tag = NextTag();
            var data = _source[_at..tag];
            if (stripNext)
            {
                data = data.TrimStart();
            }
            _at = tag;
            if (tag == _source.Length)
            {
                AddData(data);
                break;
            }
            var kind = _source[tag + 1];
            var mark = tag + 2 < _source.Length ? _source[tag + 2] : ' ';
            if (mark == '-')
            {
                data = data.TrimEnd();
            }
            else if (kind is '%' or '#' && mark != '+')
            {
                var line = data.LastIndexOf('\n') + 1;
                data = (line > 0 || atLineStart) && string.IsNullOrWhiteSpace(data[line..]) ? data[..line] : data;
            }
            AddData(data);
            _at += mark is '-' or '+' ? 3 : 2;
            var close = kind switch { '#' => SkipComment(), '%' => ReadInside(TemplateToken.Of.BlockBegin, TemplateToken.Of.BlockEnd, '%'), _ => ReadInside(TemplateToken.Of.OutputBegin, TemplateToken.Of.OutputEnd, '}') };
            stripNext = close == '-';
            atLineStart = false;
            if (!stripNext && close != '+' && kind != '{' && _at < _source.Length && _source[_at] == '\n')
            {
                _at++;
                atLineStart = true;
            }
        }
        _tokens.Add(new TemplateToken(TemplateToken.Of.End, "", Line));
    }

    int NextTag()
    {
        for (var at = _source.IndexOf('{', _at); at >= 0 && at + 1 < _source.Length; at = _source.IndexOf('{', at + 1))
        {
            if (_source[at + 1] is '{' or '%' or '#')
            {
                return at;
            }
        }
        return _source.Length;
    }

    void AddData(string data)
    {
        if (data.Length > 0)
        {
            _tokens.Add(new TemplateToken(TemplateToken.Of.Data, data, Line));
        }
    }

    // Returns the mark in front of the closing brace.
    char SkipComment()
    {
        var end = _source.IndexOf("#}", _at, StringComparison.Ordinal);
        if (end < 0)
        {
            throw new TemplateException($"line {Line}: a comment does not end");
        }
        _at = end + 2;
        return _source[end - 1];
    }

    char ReadInside(TemplateToken.Of begin, TemplateToken.Of end, char closing)
    {
        _tokens.Add(new TemplateToken(begin, "", Line));
        var open = 0;       // braces of dictionaries
        while (true)
        {
            while (_at < _source.Length && char.IsWhiteSpace(_source[_at]))
            {
                _at++;
            }
            var mark = _at < _source.Length && _source[_at] is '-' or '+' ? 1 : 0;
            if (open == 0 && _at + mark + 1 < _source.Length && _source[_at + mark] == closing && _source[_at + mark + 1] == '}')
            {
                _tokens.Add(new TemplateToken(end, "", Line));
                var found = mark == 1 ? _source[_at] : ' ';
                _at += mark + 2;
                return found;
            }
            open += ReadLexeme();
        }
    }

    int ReadLexeme()
    {
        var match = Lexeme.Match(_source, _at);
        if (!match.Success)
        {
            throw new TemplateException(_at < _source.Length ? $"line {Line}: '{_source[_at]}' is not understood" : "ends inside a tag");
        }
        var group = match.Groups.Values.Skip(1).First(static g => g.Success);
        var (kind, text) = group.Name switch
        {
            "name" => (TemplateToken.Of.Name, match.Value),
            "real" => (TemplateToken.Of.Real, match.Value),
            "whole" => (TemplateToken.Of.Whole, match.Value),
            "text" => (TemplateToken.Of.Text, Unescape(match.Value[1..^1])),
            _ => (TemplateToken.Of.Operator, match.Value),
        };
        _tokens.Add(new TemplateToken(kind, text, Line));
        _at += match.Length;
        return kind == TemplateToken.Of.Operator ? text switch { "{" => 1, "}" => -1, _ => 0 } : 0;
    }

    string Unescape(string text)
    {
        if (!text.Contains('\\'))
        {
            return text;
        }
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                result.Append(text[i]);
                continue;
            }
            i++;
            result.Append(text[i] switch
            {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '\\' or '\'' or '"' => text[i],
                'u' when i + 4 < text.Length && int.TryParse(text.AsSpan(i + 1, 4), System.Globalization.NumberStyles.HexNumber, null, out var code) => (char)code,
                _ => throw new TemplateException($"line {Line}: the escape \\{text[i]} is not supported"),
            });
            i += text[i] == 'u' ? 4 : 0;
        }
        return result.ToString();
    }
}
