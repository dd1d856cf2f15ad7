using System.Text;
using System.Text.Json;

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
    readonly Lazy<TemplateParser.Statement> _toolTemplate;

    /// <param name="source">Jinja.</param>
    /// <param name="file">Named in errors.</param>
    /// <param name="tokens">Names of special tokens by key, such as bos_token.</param>
    /// <param name="toolSource">Jinja for conversations with tools; null: the same.</param>
    internal ChatTemplate(string source, string file, IReadOnlyDictionary<string, string> tokens, string? toolSource = null)
    {
        (_file, _tokens) = (file, tokens);
        _template = new Lazy<TemplateParser.Statement>(() => TemplateParser.Parse(source));
        _toolTemplate = toolSource is null ? _template : new Lazy<TemplateParser.Statement>(() => TemplateParser.Parse(toolSource));
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
    /// <param name="tools">What the assistant may call, as the template's family describes it: as a rule objects <c>{"type": "function", "function": {…}}</c>; null or empty: nothing.</param>
    /// <exception cref="ModelFormatException">The template uses something that is not supported, or refuses the conversation (its own words are in the message).</exception>
    public string Render(IReadOnlyList<ChatMessage> messages, bool prompt, IReadOnlyList<JsonElement>? tools = null)
    {
        var scope = new TemplateScope(null);
        TemplateGlobals.AddTo(scope);
        foreach (var (key, name) in _tokens)
        {
            scope[key] = name;
        }
        scope["add_generation_prompt"] = prompt;
        scope["documents"] = null;
        var text = new StringBuilder();
        var hasTools = tools is { Count: > 0 };
        try
        {
            scope["messages"] = messages.Select(static m => (object?)TemplateInput.Message(m)).ToList();
            scope["tools"] = hasTools ? tools!.Select(TemplateInput.Value).ToList() : null;
            (hasTools ? _toolTemplate : _template).Value(scope, text);
        }
        catch (TemplateException e)
        {
            throw new ModelFormatException(_file, e.Message);
        }
        return text.ToString();
    }
}
