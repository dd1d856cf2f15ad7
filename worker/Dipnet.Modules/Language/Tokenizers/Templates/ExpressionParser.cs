using System.Globalization;

namespace Dipnet.Modules.Language;

/// <summary>Reads Jinja's expressions, in the order of their precedence.</summary>
internal sealed class ExpressionParser(TemplateTokens tokens)
{
    /// <summary>An expression, ready to be computed.</summary>
    public delegate object? Expression(TemplateScope scope);

    static readonly string[] Comparisons = ["==", "!=", "<=", ">=", "<", ">"];

    /// <summary>An expression; <c>a if b else c</c> included.</summary>
    public Expression Parse()
    {
        var value = ParseOr();
        while (tokens.TakeName("if"))
        {
            var (then, condition) = (value, ParseOr());
            Expression otherwise = tokens.TakeName("else") ? Parse() : static _ => TemplateUndefined.Of("else");
            value = s => TemplateValues.True(condition(s)) ? then(s) : otherwise(s);
        }
        return value;
    }

    /// <summary>An expression without <c>if</c>, which ends the list of a loop.</summary>
    public Expression ParseOr()
    {
        var left = ParseAnd();
        while (tokens.TakeName("or"))
        {
            var (a, b) = (left, ParseAnd());
            left = s => a(s) is var value && TemplateValues.True(value) ? value : b(s);
        }
        return left;
    }

    Expression ParseAnd()
    {
        var left = ParseNot();
        while (tokens.TakeName("and"))
        {
            var (a, b) = (left, ParseNot());
            left = s => a(s) is var value && !TemplateValues.True(value) ? value : b(s);
        }
        return left;
    }

    Expression ParseNot()
    {
        if (tokens.TakeName("not"))
        {
            var value = ParseNot();
            return s => !TemplateValues.True(value(s));
        }
        return ParseComparison();
    }

    Expression ParseComparison()
    {
        var left = ParseSum();
        var (count, result) = (0, left);
        while (true)
        {
            Func<object?, object?, bool>? compare = null;
            if (tokens.Next.Kind == TemplateToken.Of.Operator && Comparisons.Contains(tokens.Next.Text))
            {
                compare = tokens.Take().Text switch
                {
                    "==" => TemplateValues.Equals,
                    "!=" => static (a, b) => !TemplateValues.Equals(a, b),
                    "<=" => static (a, b) => TemplateValues.Compare(a, b) <= 0,
                    ">=" => static (a, b) => TemplateValues.Compare(a, b) >= 0,
                    "<" => static (a, b) => TemplateValues.Compare(a, b) < 0,
                    _ => static (a, b) => TemplateValues.Compare(a, b) > 0,
                };
            }
            else if (tokens.TakeName("in"))
            {
                compare = static (a, b) => TemplateValues.Contains(b, a);
            }
            else if (tokens.Is(TemplateToken.Of.Name, "not") && tokens.Ahead is { Kind: TemplateToken.Of.Name, Text: "in" })
            {
                tokens.Take();
                tokens.Take();
                compare = static (a, b) => !TemplateValues.Contains(b, a);
            }
            if (compare is null)
            {
                return result;
            }
            if (count++ > 0)
            {
                throw tokens.Wrong("a chain of comparisons is not supported");
            }
            var right = ParseSum();
            result = s => compare(left(s), right(s));
        }
    }

    Expression ParseSum()
    {
        var left = ParseJoin();
        while (tokens.Next is { Kind: TemplateToken.Of.Operator, Text: "+" or "-" })
        {
            var (sign, a, b) = (tokens.Take().Text, left, ParseJoin());
            left = sign == "+" ? s => TemplateValues.Add(a(s), b(s)) : s => TemplateValues.Arithmetic("-", a(s), b(s));
        }
        return left;
    }

    Expression ParseJoin()
    {
        var left = ParseProduct();
        while (tokens.TakeOperator("~"))
        {
            var (a, b) = (left, ParseProduct());
            left = s => TemplateValues.Text(a(s)) + TemplateValues.Text(b(s));
        }
        return left;
    }

    Expression ParseProduct()
    {
        var left = ParseSigned();
        while (tokens.Next is { Kind: TemplateToken.Of.Operator, Text: "*" or "/" or "//" or "%" })
        {
            var (sign, a, b) = (tokens.Take().Text, left, ParseSigned());
            left = s => TemplateValues.Arithmetic(sign, a(s), b(s));
        }
        return left;
    }

    Expression ParseSigned()
    {
        Expression value;
        if (tokens.TakeOperator("-"))
        {
            var inner = ParsePostfix(ParsePrimary());
            value = s => TemplateValues.Arithmetic("-", 0L, inner(s));
        }
        else
        {
            value = ParsePostfix(ParsePrimary());
        }
        if (tokens.TakeOperator("**"))
        {
            var (a, b) = (value, ParseSigned());
            value = s => TemplateValues.Arithmetic("**", a(s), b(s));
        }
        return ParseFilters(value);
    }

    Expression ParsePrimary()
    {
        var token = tokens.Take();
        switch (token.Kind)
        {
            case TemplateToken.Of.Text:
                var text = token.Text;
                while (tokens.Next.Kind == TemplateToken.Of.Text)
                {
                    text += tokens.Take().Text;
                }
                return _ => text;
            case TemplateToken.Of.Whole:
                object whole = long.Parse(token.Text, CultureInfo.InvariantCulture);
                return _ => whole;
            case TemplateToken.Of.Real:
                object real = double.Parse(token.Text, CultureInfo.InvariantCulture);
                return _ => real;
            case TemplateToken.Of.Name:
                return token.Text switch
                {
                    "true" or "True" => static _ => true,
                    "false" or "False" => static _ => false,
                    "none" or "None" => static _ => null,
                    _ => s => s[token.Text],
                };
            case TemplateToken.Of.Operator when token.Text == "(":
                return ParseParenthesis();
            case TemplateToken.Of.Operator when token.Text == "[":
                var items = ParseList("]");
                return s => items.ConvertAll(i => i(s));
            case TemplateToken.Of.Operator when token.Text == "{":
                return ParseMapping();
            default:
                throw new TemplateException($"line {token.Line}: '{token.Text}' is not understood");
        }
    }

    // (a) is a; () and (a, b) are lists.
    Expression ParseParenthesis()
    {
        if (tokens.TakeOperator(")"))
        {
            return static _ => new List<object?>();
        }
        var first = Parse();
        if (tokens.TakeOperator(")"))
        {
            return first;
        }
        tokens.Expect(",");
        List<Expression> items = [first, .. ParseList(")")];
        return s => items.ConvertAll(i => i(s));
    }

    List<Expression> ParseList(string end)
    {
        var items = new List<Expression>();
        while (!tokens.TakeOperator(end))
        {
            items.Add(Parse());
            if (!tokens.Is(TemplateToken.Of.Operator, end))
            {
                tokens.Expect(",");
            }
        }
        return items;
    }

    Expression ParseMapping()
    {
        var pairs = new List<(Expression Key, Expression Value)>();
        while (!tokens.TakeOperator("}"))
        {
            var key = Parse();
            tokens.Expect(":");
            pairs.Add((key, Parse()));
            if (!tokens.Is(TemplateToken.Of.Operator, "}"))
            {
                tokens.Expect(",");
            }
        }
        return s => pairs.ToDictionary(p => TemplateValues.Text(p.Key(s)), p => p.Value(s));
    }

    Expression ParsePostfix(Expression value)
    {
        while (true)
        {
            var target = value;
            if (tokens.TakeOperator("."))
            {
                var name = tokens.Next.Kind == TemplateToken.Of.Whole ? tokens.Take().Text : tokens.Expect(TemplateToken.Of.Name).Text;
                value = s => TemplateValues.Attribute(target(s), name);
            }
            else if (tokens.TakeOperator("["))
            {
                value = ParseSubscript(target);
            }
            else if (tokens.TakeOperator("("))
            {
                var arguments = ParseArguments();
                value = s => target(s) switch
                {
                    TemplateFunction function => function(arguments(s)),
                    var other => throw new TemplateException($"{TemplateValues.Kind(other)} cannot be called"),
                };
            }
            else
            {
                return value;
            }
        }
    }

    Expression ParseSubscript(Expression target)
    {
        var bounds = new Expression?[3];
        var place = 0;
        while (!tokens.TakeOperator("]"))
        {
            if (tokens.TakeOperator(":"))
            {
                if (++place > 2)
                {
                    throw tokens.Wrong("a slice has at most two ':'");
                }
            }
            else
            {
                bounds[place] = Parse();
            }
        }
        if (place == 0)
        {
            var key = bounds[0] ?? throw tokens.Wrong("an index is expected");
            return s => TemplateValues.Item(target(s), key(s));
        }
        return s => TemplateValues.Slice(target(s), Bound(bounds[0], s), Bound(bounds[1], s), Bound(bounds[2], s) ?? 1);

        static long? Bound(Expression? bound, TemplateScope scope) => bound?.Invoke(scope) switch
        {
            null => null,
            long value => value,
            var other => throw new TemplateException($"{TemplateValues.Kind(other)} cannot bound a slice"),
        };
    }

    Func<TemplateScope, TemplateArguments> ParseArguments()
    {
        var (positional, named) = (new List<Expression>(), new List<(string Name, Expression Value)>());
        while (!tokens.TakeOperator(")"))
        {
            if (tokens.Next.Kind == TemplateToken.Of.Name && tokens.Ahead is { Kind: TemplateToken.Of.Operator, Text: "=" })
            {
                var name = tokens.Take().Text;
                tokens.Take();
                named.Add((name, Parse()));
            }
            else
            {
                positional.Add(Parse());
            }
            if (!tokens.Is(TemplateToken.Of.Operator, ")"))
            {
                tokens.Expect(",");
            }
        }
        return s => new TemplateArguments(positional.ConvertAll(p => p(s)), named.ToDictionary(static n => n.Name, n => n.Value(s)));
    }

    Expression ParseFilters(Expression value)
    {
        while (true)
        {
            var input = value;
            if (tokens.TakeOperator("|"))
            {
                // Looked up when it is used: a template that has more than one way need not be refused for one that is not taken.
                var name = tokens.Expect(TemplateToken.Of.Name).Text;
                var arguments = tokens.TakeOperator("(") ? ParseArguments() : static _ => TemplateArguments.None;
                value = ParsePostfix(s => TemplateFilters.FilterNamed(name)(input(s), arguments(s)));
            }
            else if (tokens.TakeName("is"))
            {
                var negated = tokens.TakeName("not");
                var name = tokens.Expect(TemplateToken.Of.Name).Text;
                var arguments = ParseTestArguments();
                value = s => TemplateFilters.TestNamed(name)(input(s), arguments(s)) != negated;
            }
            else
            {
                return value;
            }
        }
    }

    // is test, is test(a), is test a.
    Func<TemplateScope, TemplateArguments> ParseTestArguments()
    {
        if (tokens.TakeOperator("("))
        {
            return ParseArguments();
        }
        if (tokens.Next.Kind is TemplateToken.Of.Text or TemplateToken.Of.Whole
            || tokens.Next.Kind == TemplateToken.Of.Name && tokens.Next.Text is not ("else" or "or" or "and" or "if" or "is" or "in" or "not"))
        {
            var argument = ParsePostfix(ParsePrimary());
            return s => new TemplateArguments([argument(s)], TemplateArguments.None.Named);
        }
        return static _ => TemplateArguments.None;
    }
}
