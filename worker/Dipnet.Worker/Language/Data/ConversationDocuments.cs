using System.Runtime.ExceptionServices;
using Dipnet.Modules.Language;
using Dipnet.Worker.Data;

namespace Dipnet.Worker.Language;

/// <summary>
/// A conversation as documents whose targets are the assistant's answers, each exactly once and as the template writes it while it is the last message: that is what a
/// model has to say at this point of a conversation.
/// </summary>
/// <remarks>
/// 1. What is given to an answer is what the template writes before it and asks for an answer with; what is learned is what the template adds with the answer.
/// 2. As long as all that was written so far stays when more messages follow, a conversation is one document.
/// 3. Where the template writes something earlier otherwise (reasoning of earlier answers left out, tools moved to the last question), a new document begins: all
///    before the next answer as the template writes it then, given, and that answer, learned.
/// </remarks>
internal sealed class ConversationDocuments
{
    private readonly Conversation _conversation;
    private readonly ChatTemplate _template;
    private readonly string _place;

    private ConversationDocuments(Conversation conversation, ChatTemplate template, string place) => (_conversation, _template, _place) = (conversation, template, place);

    /// <param name="tokenizer">With a chat template.</param>
    /// <param name="place">File and line for errors.</param>
    /// <exception cref="DataException">The template leaves out a tool, a call or a tool's answer.</exception>
    /// <exception cref="ModelFormatException">The template refuses the conversation or is not supported.</exception>
    public static List<Document> Of(Conversation conversation, TextTokenizer tokenizer, string place)
    {
        Exception? refusal = null;
        foreach (var form in conversation.Forms())
        {
            try
            {
                return new ConversationDocuments(form, tokenizer.Chat!, place).Build(tokenizer);
            }
            catch (Exception e) when (e is ModelFormatException or DataException)
            {
                refusal ??= e;
            }
        }

        ExceptionDispatchInfo.Throw(refusal!);
        return [];
    }

    private List<Document> Build(TextTokenizer tokenizer)
    {
        var documents = new List<Document>();
        var (builder, written) = (new DocumentBuilder(tokenizer), "");
        for (var i = 0; i < _conversation.Messages.Count; i++)
        {
            CheckToolAnswer(i);
            if (_conversation.Messages[i].Role != "assistant")
            {
                continue;
            }

            var (given, said) = Turn(i);
            CheckCalls(i, said);
            if (!given.StartsWith(written, StringComparison.Ordinal))
            {
                documents.Add(builder.Build());
                (builder, written) = (new DocumentBuilder(tokenizer), "");
            }

            builder.Add(given[written.Length..], learned: false, special: true, begin: false);
            builder.Add(said, learned: true, special: true, begin: false);
            written = given + said;
        }

        CheckTools();
        documents.Add(builder.Build());
        return documents;
    }

    private (string Given, string Said) Turn(int answer)
    {
        var given = Text(answer, prompt: true);
        var whole = Text(answer + 1);
        if (whole.StartsWith(given, StringComparison.Ordinal))
        {
            return (given, whole[given.Length..]);
        }

        // The template asks for more than an answer of this kind has, for example for reasoning: the answer's opening is learned with it.
        var unasked = Text(answer);
        if (whole.StartsWith(unasked, StringComparison.Ordinal))
        {
            return (unasked, whole[unasked.Length..]);
        }

        // The template writes the question itself otherwise once it is answered, for example without the system message: the question stays as it is asked.
        return (given, whole[AnswerBegin(answer, whole)..]);
    }

    // Two other answers show where an answer begins: there the texts part.
    private int AnswerBegin(int answer, string whole)
    {
        var before = _conversation.Messages.Take(answer).ToList();
        var (one, other) = (Render([.. before, new ChatMessage("assistant", "x")]), Render([.. before, new ChatMessage("assistant", "y")]));
        return Math.Min(one.AsSpan().CommonPrefixLength(other), one.AsSpan().CommonPrefixLength(whole));
    }

    private void CheckTools()
    {
        var first = _conversation.Messages.TakeWhile(static m => m.Role != "assistant").ToList();
        if (_conversation.Tools.Count > 0 && WithoutTools(first) == Render(first, prompt: true))
        {
            throw Wrong("the chat template leaves out \"tools\"; use a tokenizer whose template writes them");
        }
    }

    // Null: the template is for conversations with tools only.
    private string? WithoutTools(IReadOnlyList<ChatMessage> messages)
    {
        try
        {
            return _template.Render(messages, prompt: true);
        }
        catch (ModelFormatException)
        {
            return null;
        }
    }

    private void CheckCalls(int answer, string said)
    {
        if (_conversation.Messages[answer].ToolCalls.FirstOrDefault(c => !said.Contains(c.Name, StringComparison.Ordinal)) is { } lost)
        {
            throw Wrong($"the chat template leaves out the call of \"{lost.Name}\"; use a tokenizer whose template writes \"tool_calls\"");
        }
    }

    private void CheckToolAnswer(int message)
    {
        if (_conversation.Messages[message].Role == "tool" && Text(message) == Text(message + 1))
        {
            throw Wrong("the chat template leaves out messages whose role is \"tool\"");
        }
    }

    private string Text(int messages, bool prompt = false) => Render([.. _conversation.Messages.Take(messages)], prompt);

    private string Render(IReadOnlyList<ChatMessage> messages, bool prompt = false) => _template.Render(messages, prompt, _conversation.Tools);

    private DataException Wrong(string rule) => new($"{_place}: {rule}");
}
