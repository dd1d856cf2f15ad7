using System.Text.Json;
using Dipnet.Modules.Language;
using Dipnet.Worker.Data;

namespace Dipnet.Worker.Language;

/// <summary>
/// JSON, one object a line. Formats: text {"text"}; prompt-completion {"prompt", "completion"} (the prompt is given, the completion learned);
/// question-answer {"question", "answer"} (GSM8K's own: the question is put as <see cref="WordProblems.Prompt"/> does); chat
/// {"messages": [{"role", "content"}, …]} (the assistant's messages are learned). A line that is not so is an error that names file and line.
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
                    yield return Parse(line, format, tokenizer, $"{file}:{number}");
                }
            }
        }
    }

    private static Document Parse(string line, string format, TextTokenizer tokenizer, string place)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw new DataException($"{place}: must be a JSON object, is {root.ValueKind}");
            }

            return format switch
            {
                "prompt-completion" => DocumentBuilder.Pair(Text(root, "prompt", place), Text(root, "completion", place), tokenizer),
                "question-answer" => DocumentBuilder.Pair(WordProblems.Prompt(Text(root, "question", place)), Text(root, "answer", place), tokenizer),
                "chat" => Conversation(root, tokenizer, place),
                _ => DocumentBuilder.Pair("", Text(root, "text", place), tokenizer),
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

    private static Document Conversation(JsonElement root, TextTokenizer tokenizer, string place)
    {
        var messages = Messages(root, place);
        var builder = new DocumentBuilder(tokenizer);
        var rendered = "";
        for (var i = 0; i < messages.Count; i++)
        {
            if (messages[i].Role != "assistant")
            {
                continue;
            }

            // What the template writes up to here is given; what the assistant says, with the mark that ends it, is learned.
            var given = Next(rendered, tokenizer.Chat!.Render(messages[..i], prompt: true), place);
            rendered += given;
            builder.Add(given, learned: false, special: true, begin: false);
            var said = Next(rendered, tokenizer.Chat.Render(messages[..(i + 1)], prompt: false), place);
            rendered += said;
            builder.Add(said, learned: true, special: true, begin: false);
        }

        return builder.Build();
    }

    private static string Next(string before, string whole, string place) => whole.StartsWith(before, StringComparison.Ordinal)
        ? whole[before.Length..]
        : throw new DataException($"{place}: the chat template writes earlier answers otherwise once another follows; give conversations with one answer each");

    private static List<ChatMessage> Messages(JsonElement root, string place)
    {
        if (!root.TryGetProperty("messages", out var list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
        {
            throw new DataException($"{place}: \"messages\" must be a list of at least one message");
        }

        var messages = list.EnumerateArray().Select(m => new ChatMessage(Text(m, "role", place), Text(m, "content", place))).ToList();
        if (messages.FirstOrDefault(static m => m.Role is not ("system" or "user" or "assistant" or "tool")) is { } wrong)
        {
            throw new DataException($"{place}: role \"{wrong.Role}\" must be system, user, assistant or tool");
        }

        return messages[^1].Role == "assistant"
            ? messages
            : throw new DataException($"{place}: the last message must be the assistant's, its role is \"{messages[^1].Role}\"");
    }

    private static string Text(JsonElement element, string key, string place) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new DataException($"{place}: \"{key}\" must be given and be a string");
}
