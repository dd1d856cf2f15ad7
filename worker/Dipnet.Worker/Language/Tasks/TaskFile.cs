using System.Text.Json;
using System.Text.RegularExpressions;
using Dipnet.Worker.Data;

namespace Dipnet.Worker.Language;

/// <summary>Reads the files of the tasks, each in its publisher's own format.</summary>
internal static partial class TaskFile
{
    /// <summary>Names of the tasks that are read from a file.</summary>
    public static readonly IReadOnlyList<string> Tasks = ["gsm8k", "svamp", "mawps"];

    /// <param name="task">gsm8k: a line {"question", "answer"}, the answer ends in <c>#### N</c>; mawps: a line {"input", "target"}; svamp: a list of {"Body", "Question", "Answer"}.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">The file is missing, empty or not of that format; the message names file and line or item.</exception>
    public static IReadOnlyList<TaskExample> Read(string task, string path)
    {
        if (!File.Exists(path))
        {
            throw new DataException($"{path}: no such file; task {task} reads its problems from there");
        }

        IReadOnlyList<TaskExample> examples = task switch
        {
            "gsm8k" => [.. Lines(path, Gsm8k)],
            "mawps" => [.. Lines(path, Mawps)],
            "svamp" => [.. Items(path, Svamp)],
            _ => throw new ArgumentOutOfRangeException(nameof(task), task, "is not read from a file"),
        };
        return examples.Count > 0 ? examples : throw new DataException($"{path}: holds no problem");
    }

    private static IEnumerable<TaskExample> Lines(string path, Func<JsonElement, string, TaskExample> parse)
    {
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            using var document = Parsed(line, $"{path}:{number}");
            yield return parse(document.RootElement, $"{path}:{number}");
        }
    }

    private static IEnumerable<TaskExample> Items(string path, Func<JsonElement, string, TaskExample> parse)
    {
        using var document = Parsed(File.ReadAllText(path), path);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            throw new DataException($"{path}: must be a JSON list, is {document.RootElement.ValueKind}");
        }

        var number = 0;
        foreach (var item in document.RootElement.EnumerateArray())
        {
            number++;
            yield return parse(item, $"{path}: item {number}");
        }
    }

    private static JsonDocument Parsed(string json, string place)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException e)
        {
            throw new DataException($"{place}: not valid JSON: {e.Message}");
        }
    }

    private static TaskExample Gsm8k(JsonElement line, string place)
    {
        var answer = Text(line, "answer", place);
        return answer.Contains("####", StringComparison.Ordinal) && AnswerExtraction.Number(answer[answer.LastIndexOf("####", StringComparison.Ordinal)..]) is { } number
            ? new TaskExample(Text(line, "question", place), CalculatorMarks().Replace(answer, ""), number)
            : throw new DataException($"{place}: \"answer\" must end in \"#### \" and a number");
    }

    private static TaskExample Mawps(JsonElement line, string place) => Bare(Text(line, "input", place), Number(line, "target", place));

    private static TaskExample Svamp(JsonElement item, string place)
    {
        var body = Text(item, "Body", place).Trim();
        var end = body.Length > 0 && char.IsLetterOrDigit(body[^1]) ? "." : "";
        return Bare($"{body}{end} {Text(item, "Question", place).Trim()}", Number(item, "Answer", place));
    }

    private static TaskExample Bare(string question, string answer) => new(question, $"#### {answer}", answer);

    private static string Text(JsonElement element, string key, string place) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new DataException($"{place}: \"{key}\" must be given and be a string");

    private static string Number(JsonElement element, string key, string place) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number
            && decimal.TryParse(value.GetRawText(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? AnswerExtraction.Number(number.ToString(System.Globalization.CultureInfo.InvariantCulture))!
            : throw new DataException($"{place}: \"{key}\" must be given and be a number");

    // Marks such as <<3*4=12>> tell a calculator what to compute; they are no part of the text.
    [GeneratedRegex("<<[^>]*>>")]
    private static partial Regex CalculatorMarks();
}
