using System.Text.Json;
using Dipnet.Modules.Language;
using Dipnet.Worker.Data;

namespace Dipnet.Worker.Language;

/// <summary>
/// JSON, one object a line. Formats: text {"text"}; prompt-completion {"prompt", "completion"} (the prompt is given, the completion learned);
/// question-answer {"question", "answer"} (GSM8K's own: the question is put as <see cref="WordProblems.Prompt"/> does); chat
/// {"messages": [{"role", "content"}, …], "tools": […]} (the assistant's messages are learned). A line that is not so is an error that names file and line.
/// </summary>
internal static class JsonLinesFile
{
    /// <summary>Documents as they are read.</summary>
    public static IEnumerable<Document> Read(string path, string format, TextTokenizer tokenizer)
    {
        if (format == "chat" && tokenizer.Chat is null)
        {
            throw new DataException("data.format chat: the tokenizer has no chat template; use prompt-completion");
        }

        foreach (var file in TextFiles.Files(path, ".jsonl"))
        {
            var number = 0;
            foreach (var line in Utf8Lines.Read(file))
            {
                number++;
                if (!string.IsNullOrWhiteSpace(line))
                {
                    foreach (var document in Parse(line, format, tokenizer, $"{file}:{number}"))
                    {
                        yield return document;
                    }
                }
            }
        }
    }

    private static List<Document> Parse(string line, string format, TextTokenizer tokenizer, string place)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = new JsonLine(document.RootElement, place);
            if (root.Element.ValueKind != JsonValueKind.Object)
            {
                throw root.Wrong($"must be a JSON object, is {root.Element.ValueKind}");
            }

            return format switch
            {
                "prompt-completion" => [DocumentBuilder.Pair(root.Text("prompt"), root.Text("completion"), tokenizer)],
                "question-answer" => [DocumentBuilder.Pair(WordProblems.Prompt(root.Text("question")), root.Text("answer"), tokenizer)],
                "chat" => ConversationDocuments.Of(Conversation.Parse(root), tokenizer, place),
                _ => [DocumentBuilder.Pair("", root.Text("text"), tokenizer)],
            };
        }
        catch (JsonException e)
        {
            // The text ends with a place in what is one line to the parser.
            throw new DataException($"{place}: not valid JSON at byte {e.BytePositionInLine + 1}: {e.Message.Split(" LineNumber:")[0]}");
        }
        catch (InvalidOperationException)
        {
            throw new DataException($"{place}: half of a surrogate pair (\\ud800 … \\udfff) stands alone");
        }
        catch (ModelFormatException e)
        {
            throw new DataException($"{place}: {e.Message}");
        }
    }
}
