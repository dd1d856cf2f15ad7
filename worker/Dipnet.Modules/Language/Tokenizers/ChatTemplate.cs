using System.Text;

namespace Dipnet.Modules.Language;

/// <summary>
/// Turns a conversation into the one text that a model was trained on. The text holds names of special tokens, the begin token's among them where the model
/// has one: encode it with <c>begin: false, special: true</c>. Thread-safe.
/// </summary>
public sealed class ChatTemplate
{
    ChatTemplate()
    {
    }

    /// <summary>ChatML: each turn between <c>&lt;|im_start|&gt;role</c> and <c>&lt;|im_end|&gt;</c>.</summary>
    public static ChatTemplate ChatMl { get; } = new();

    /// <summary>The conversation as text.</summary>
    /// <param name="messages">Turns in order.</param>
    /// <param name="prompt">End where the assistant's next answer begins.</param>
    public string Render(IReadOnlyList<ChatMessage> messages, bool prompt)
    {
        var text = new StringBuilder();
        foreach (var message in messages)
        {
            text.Append("<|im_start|>").Append(message.Role).Append('\n').Append(message.Content).Append("<|im_end|>\n");
        }
        return (prompt ? text.Append("<|im_start|>assistant\n") : text).ToString();
    }
}
