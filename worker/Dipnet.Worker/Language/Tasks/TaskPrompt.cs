using Dipnet.Modules.Language;

namespace Dipnet.Worker.Language;

/// <summary>How a question is put to a model, after solved examples when there are any.</summary>
internal sealed class TaskPrompt(IReadOnlyList<TaskExample> shots, ChatTemplate? chat)
{
    private const string Instruction = "Solve this problem in short steps. Write the final number on a line of its own after \"#### \".\n\n";

    /// <summary>Ends a continuation where the model goes on with a question of its own.</summary>
    public static readonly IReadOnlyList<string> Stop = ["\nQ:"];

    public string Of(string question)
    {
        if (chat is null)
        {
            return string.Concat(shots.Select(s => $"{WordProblems.Prompt(s.Question)}{s.Solution}\n\n")) + WordProblems.Prompt(question);
        }

        var messages = shots.SelectMany(s => new[] { new ChatMessage("user", Instruction + s.Question), new ChatMessage("assistant", s.Solution) });
        return chat.Render([.. messages, new ChatMessage("user", Instruction + question)], prompt: true);
    }
}
