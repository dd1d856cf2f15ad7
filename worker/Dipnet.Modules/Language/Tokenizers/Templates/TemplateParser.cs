using System.Text;

namespace Dipnet.Modules.Language;

/// <summary>Reads Jinja's statements: output, if, for, set, macro, break, continue, generation. Others are refused by name.</summary>
internal sealed class TemplateParser
{
    /// <summary>What a statement means for the loop around it.</summary>
    public enum Flow
    {
        Next,
        Continue,
        Break,
    }

    /// <summary>A statement, ready to run.</summary>
    public delegate Flow Statement(TemplateScope scope, StringBuilder output);

    readonly TemplateTokens _tokens;
    readonly ExpressionParser _expressions;

    TemplateParser(string source)
    {
        _tokens = new TemplateTokens(TemplateLexer.Read(source));
        _expressions = new ExpressionParser(_tokens);
    }

    /// <exception cref="TemplateException">Something is not Jinja or not supported.</exception>
    public static Statement Parse(string source)
    {
        var parser = new TemplateParser(source);
        var body = parser.ParseUntil();
        return parser._tokens.Next.Kind == TemplateToken.Of.End ? body : throw parser._tokens.Wrong("nothing is open that could end here");
    }

    // Statements up to a block that begins with one of the names, which stays the next token; without names, up to the end.
    Statement ParseUntil(params ReadOnlySpan<string> names)
    {
        var statements = new List<Statement>();
        while (_tokens.Next.Kind != TemplateToken.Of.End)
        {
            switch (_tokens.Take())
            {
                case { Kind: TemplateToken.Of.Data } data:
                    statements.Add((_, output) => Write(output, data.Text));
                    break;
                case { Kind: TemplateToken.Of.OutputBegin }:
                    var value = _expressions.Parse();
                    _tokens.Expect(TemplateToken.Of.OutputEnd);
                    statements.Add((scope, output) => Write(output, TemplateValues.Text(value(scope))));
                    break;
                default:
                    if (_tokens.Next.Kind == TemplateToken.Of.Name && names.Contains(_tokens.Next.Text))
                    {
                        return Run(statements);
                    }
                    statements.Add(ParseBlock());
                    break;
            }
        }
        return names.Length == 0 ? Run(statements) : throw _tokens.Wrong($"{string.Join(" or ", names.ToArray())} is missing");
    }

    static Flow Write(StringBuilder output, string text)
    {
        output.Append(text);
        return Flow.Next;
    }

    static Statement Run(List<Statement> statements) => (scope, output) =>
    {
        foreach (var statement in statements)
        {
            if (statement(scope, output) is not Flow.Next and var flow)
            {
                return flow;
            }
        }
        return Flow.Next;
    };

    Statement ParseBlock()
    {
        var name = _tokens.Expect(TemplateToken.Of.Name);
        switch (name.Text)
        {
            case "if":
                return ParseIf();
            case "for":
                return ParseFor();
            case "set":
                return ParseSet();
            case "macro":
                return ParseMacro();
            case "generation":
                // Marks the assistant's words for training; the text is what is between.
                return ParseBody("endgeneration");
            case "break" or "continue":
                _tokens.Expect(TemplateToken.Of.BlockEnd);
                var flow = name.Text == "break" ? Flow.Break : Flow.Continue;
                return (_, _) => flow;
            default:
                throw new TemplateException($"line {name.Line}: the statement '{name.Text}' is not supported");
        }
    }

    // The rest of a block's tag, what follows, and the block that ends it.
    Statement ParseBody(string end)
    {
        _tokens.Expect(TemplateToken.Of.BlockEnd);
        var body = ParseUntil(end);
        _tokens.Take();
        _tokens.Expect(TemplateToken.Of.BlockEnd);
        return body;
    }

    Statement ParseIf()
    {
        var branches = new List<(ExpressionParser.Expression Condition, Statement Body)>();
        Statement otherwise = static (_, _) => Flow.Next;
        var condition = _expressions.Parse();
        while (true)
        {
            _tokens.Expect(TemplateToken.Of.BlockEnd);
            branches.Add((condition, ParseUntil("elif", "else", "endif")));
            var next = _tokens.Take().Text;
            if (next == "elif")
            {
                condition = _expressions.Parse();
                continue;
            }
            if (next == "else")
            {
                otherwise = ParseBody("endif");
            }
            else
            {
                _tokens.Expect(TemplateToken.Of.BlockEnd);
            }
            return (scope, output) =>
            {
                foreach (var (test, body) in branches)
                {
                    if (TemplateValues.True(test(scope)))
                    {
                        return body(scope, output);
                    }
                }
                return otherwise(scope, output);
            };
        }
    }

    Statement ParseFor()
    {
        var names = ParseTargets();
        if (!_tokens.TakeName("in"))
        {
            throw _tokens.Wrong("'in' is expected");
        }
        var list = _expressions.ParseOr();
        var filter = _tokens.TakeName("if") ? _expressions.Parse() : null;
        _tokens.Expect(TemplateToken.Of.BlockEnd);
        var body = ParseUntil("else", "endfor");
        Statement? otherwise = null;
        if (_tokens.Take().Text == "else")
        {
            otherwise = ParseBody("endfor");
        }
        else
        {
            _tokens.Expect(TemplateToken.Of.BlockEnd);
        }
        return (scope, output) =>
        {
            var items = TemplateValues.Items(list(scope));
            if (filter is not null)
            {
                items = items.FindAll(i => TemplateValues.True(filter(Bind(scope, names, i))));
            }
            for (var i = 0; i < items.Count; i++)
            {
                var inner = Bind(scope, names, items[i]);
                inner["loop"] = Loop(items, i);
                if (body(inner, output) == Flow.Break)
                {
                    break;
                }
            }
            return items.Count == 0 && otherwise is not null ? otherwise(scope, output) : Flow.Next;
        };
    }

    List<string> ParseTargets()
    {
        var names = new List<string>();
        do
        {
            names.Add(_tokens.Expect(TemplateToken.Of.Name).Text);
        }
        while (_tokens.TakeOperator(","));
        return names;
    }

    static TemplateScope Bind(TemplateScope around, List<string> names, object? value)
    {
        var scope = new TemplateScope(around);
        if (names is [var single])
        {
            scope[single] = value;
            return scope;
        }
        var parts = TemplateValues.Items(value);
        if (parts.Count != names.Count)
        {
            throw new TemplateException($"{parts.Count} values cannot be given to {string.Join(", ", names)}");
        }
        for (var i = 0; i < parts.Count; i++)
        {
            scope[names[i]] = parts[i];
        }
        return scope;
    }

    static Dictionary<string, object?> Loop(List<object?> items, int at) => new()
    {
        ["index"] = at + 1L,
        ["index0"] = (long)at,
        ["revindex"] = (long)(items.Count - at),
        ["revindex0"] = items.Count - at - 1L,
        ["first"] = at == 0,
        ["last"] = at == items.Count - 1,
        ["length"] = (long)items.Count,
        ["previtem"] = at > 0 ? items[at - 1] : TemplateUndefined.Of("previtem"),
        ["nextitem"] = at < items.Count - 1 ? items[at + 1] : TemplateUndefined.Of("nextitem"),
    };

    // set a = value, set a, b = value, set space.a = value, set a … endset.
    Statement ParseSet()
    {
        if (_tokens.Ahead is { Kind: TemplateToken.Of.Operator, Text: "." })
        {
            var space = _tokens.Take().Text;
            _tokens.Take();
            var member = _tokens.Expect(TemplateToken.Of.Name).Text;
            _tokens.Expect("=");
            var assigned = ParseValue();
            return (scope, _) =>
            {
                (scope[space] as Dictionary<string, object?> ?? throw new TemplateException($"'{space}' is not a namespace"))[member] = assigned(scope);
                return Flow.Next;
            };
        }
        var names = ParseTargets();
        if (_tokens.TakeOperator("="))
        {
            var value = ParseValue();
            return (scope, _) => Assign(scope, names, value(scope));
        }
        var body = ParseBody("endset");
        return (scope, _) =>
        {
            var text = new StringBuilder();
            body(new TemplateScope(scope), text);
            return Assign(scope, names, text.ToString());
        };
    }

    ExpressionParser.Expression ParseValue()
    {
        var value = _expressions.Parse();
        if (_tokens.Is(TemplateToken.Of.Operator, ","))
        {
            var items = new List<ExpressionParser.Expression> { value };
            while (_tokens.TakeOperator(","))
            {
                items.Add(_expressions.Parse());
            }
            value = scope => items.ConvertAll(i => i(scope));
        }
        _tokens.Expect(TemplateToken.Of.BlockEnd);
        return value;
    }

    static Flow Assign(TemplateScope scope, List<string> names, object? value)
    {
        var bound = Bind(scope, names, value);
        foreach (var name in names)
        {
            scope[name] = bound[name];
        }
        return Flow.Next;
    }

    Statement ParseMacro()
    {
        var name = _tokens.Expect(TemplateToken.Of.Name).Text;
        var parameters = new List<(string Name, ExpressionParser.Expression? Default)>();
        _tokens.Expect("(");
        while (!_tokens.TakeOperator(")"))
        {
            var parameter = _tokens.Expect(TemplateToken.Of.Name).Text;
            parameters.Add((parameter, _tokens.TakeOperator("=") ? _expressions.Parse() : null));
            if (!_tokens.Is(TemplateToken.Of.Operator, ")"))
            {
                _tokens.Expect(",");
            }
        }
        var body = ParseBody("endmacro");
        return (scope, _) =>
        {
            scope[name] = (TemplateFunction)(arguments =>
            {
                var inner = new TemplateScope(scope.Root);
                for (var i = 0; i < parameters.Count; i++)
                {
                    var given = arguments.At(i, parameters[i].Name);
                    inner[parameters[i].Name] = given is TemplateUndefined && parameters[i].Default is { } absent ? absent(inner) : given;
                }
                var text = new StringBuilder();
                body(inner, text);
                return text.ToString();
            });
            return Flow.Next;
        };
    }
}
