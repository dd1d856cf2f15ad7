namespace Dipnet.Modules.Language;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">system, user or assistant; a template may refuse others.</param>
/// <param name="Content">Plain text.</param>
public sealed record ChatMessage(string Role, string Content);
