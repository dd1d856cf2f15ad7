using System.Text;

namespace Dipnet.Modules.Language;

/// <summary>
/// Turns a conversation into the one text that a model was trained on, by the Jinja template that comes with it. The text holds names of special tokens, the
/// begin token's among them where the template writes it: encode it with <c>begin: false, special: true</c>. Thread-safe.
/// </summary>
/// <remarks>Understood is the part of Jinja that chat templates use; a template that uses more is refused when it is rendered, not when its tokenizer is loaded.</remarks>
public sealed class ChatTemplate
{
    readonly string _file;
    readonly IReadOnlyDictionary<string, string> _tokens;
    readonly Lazy<TemplateParser.Statement> _template;

    /// <param name="source">Jinja.</param>
    /// <param name="file">Named in errors.</param>
    /// <param name="tokens">Names of special tokens by key, such as bos_token.</param>
    internal ChatTemplate(string source, string file, IReadOnlyDictionary<string, string> tokens)
    {
        (_file, _tokens) = (file, tokens);
        _template = new Lazy<TemplateParser.Statement>(() => TemplateParser.Parse(source));
    }

    /// <summary>ChatML: each turn between <c>&lt;|im_start|&gt;role</c> and <c>&lt;|im_end|&gt;</c>.</summary>
    public static ChatTemplate ChatMl { get; } = new(
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
        "ChatML",
        new Dictionary<string, string>());

    /// <summary>The conversation as text.</summary>
    /// <param name="messages">Turns in order.</param>
    /// <param name="prompt">End where the assistant's next answer begins.</param>
    /// <exception cref="ModelFormatException">The template uses something that is not supported, or refuses the conversation (its own words are in the message).</exception>
    public string Render(IReadOnlyList<ChatMessage> messages, bool prompt)
    {
        var scope = new TemplateScope(null);
        TemplateGlobals.AddTo(scope);
        foreach (var (key, name) in _tokens)
        {
            scope[key] = name;
        }
        scope["messages"] = messages.Select(static m => (object?)new Dictionary<string, object?> { ["role"] = m.Role, ["content"] = m.Content }).ToList();
        scope["add_generation_prompt"] = prompt;
        scope["tools"] = null;
        scope["documents"] = null;
        var text = new StringBuilder();
        try
        {
            _template.Value(scope, text);
        }
        catch (TemplateException e)
        {
            throw new ModelFormatException(_file, e.Message);
        }
        return text.ToString();
    }
}
