namespace Dipnet.Modules.Language;

/// <summary>A place in the tokens of a template.</summary>
internal sealed class TemplateTokens(IReadOnlyList<TemplateToken> tokens)
{
    int _at;

    public TemplateToken Next => tokens[_at];

    public TemplateToken Ahead => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    public TemplateToken Take() => tokens[_at].Kind == TemplateToken.Of.End ? throw Wrong("ends too early") : tokens[_at++];

    public bool Is(TemplateToken.Of kind, string text) => Next.Kind == kind && Next.Text == text;

    public bool TakeIf(TemplateToken.Of kind, string text)
    {
        var found = Is(kind, text);
        _at += found ? 1 : 0;
        return found;
    }

    public bool TakeOperator(string text) => TakeIf(TemplateToken.Of.Operator, text);

    public bool TakeName(string text) => TakeIf(TemplateToken.Of.Name, text);

    public void Expect(string text)
    {
        if (!TakeOperator(text))
        {
            throw Wrong($"'{text}' is expected");
        }
    }

    public TemplateToken Expect(TemplateToken.Of kind) => Next.Kind == kind ? Take() : throw Wrong($"{kind} is expected");

    public TemplateException Wrong(string rule) => new($"line {Next.Line}: {rule}{(Next.Text.Length > 0 ? $", not '{Next.Text}'" : "")}");
}
