namespace Dipnet.Modules.Language;

/// <summary>How a conversation becomes one text.</summary>
public abstract class ChatTemplate
{
    /// <summary>The conversation as text with the names of special tokens.</summary>
    /// <param name="messages">In order.</param>
    /// <param name="prompt">End with the beginning of an assistant's message.</param>
    public abstract string Render(IReadOnlyList<ChatMessage> messages, bool prompt);
}
