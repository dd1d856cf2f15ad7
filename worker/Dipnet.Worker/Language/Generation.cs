using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Dipnet.Modules.Language;
using Dipnet.Worker.Devices;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Language;

/// <summary>Runs one request of <c>generate</c>: text on standard output as it becomes final, everything else on standard error.</summary>
internal static class Generation
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="DeviceException">The device cannot be used.</exception>
    /// <exception cref="ArgumentException">The request, or what it names, is wrong; the message says what.</exception>
    public static void Run(GenerationRequest request)
    {
        request.Options.Validated();
        var device = WorkerDevice.Find(request.Device);
        using var source = ModelSource.Open(request.Model, request.Tokenizer);
        if (source.Warning is { } warning && !request.Quiet)
        {
            Console.Error.WriteLine(warning);
        }

        source.Model.to(device);
        torch.set_num_threads(request.Threads > 0 ? request.Threads : DecodeThreads.For(source.Model));
        var generator = new TextGenerator(source.Model, source.Tokenizer, request.Options);
        using var text = request.Chat ? generator.Begin(ChatPrompt(source, request.Prompt)) : generator.Begin(request.Prompt);
        var begin = Stopwatch.GetTimestamp();
        if (request.Json)
        {
            var whole = new StringBuilder();
            while (text.TryNext(out var piece))
            {
                whole.Append(piece);
            }

            StandardOutput.Write(Line(request, source, text, whole.ToString(), Stopwatch.GetElapsedTime(begin).TotalSeconds) + "\n");
            return;
        }

        var read = request.Chat || StandardOutput.Write(request.Prompt);
        while (read && text.TryNext(out var piece))
        {
            read = piece.Length == 0 || StandardOutput.Write(piece);
        }

        // Whoever asked for the text alone gets no more, but a terminal's next line begins on a line of its own.
        if (read && (!request.Quiet || !Console.IsOutputRedirected))
        {
            StandardOutput.Write("\n");
        }

        if (read && !request.Quiet)
        {
            Console.Error.WriteLine(Summary(text, Stopwatch.GetElapsedTime(begin).TotalSeconds));
        }
    }

    private static List<int> ChatPrompt(ModelSource source, string message)
    {
        var template = source.Tokenizer.Chat
            ?? throw new ArgumentException($"--chat: the tokenizer of {source.Path} has no chat template; give the prompt as plain text, or another --tokenizer");
        return source.Tokenizer.Encode(template.Render([new ChatMessage("user", message)], prompt: true), begin: false, special: true);
    }

    private static string Line(GenerationRequest request, ModelSource source, TextContinuation text, string continuation, double seconds) => JsonSerializer.Serialize(
        new
        {
            model = source.Path,
            prompt = request.Prompt,
            text = request.Chat ? continuation : request.Prompt + continuation,
            continuation,
            promptTokens = text.PromptTokens,
            tokens = text.NewTokens,
            finish = NameOf(text.Finish),
            seconds,
            tokensPerSecond = text.NewTokens / seconds,
        },
        s_json);

    private static string Summary(TextContinuation text, double seconds) => string.Create(
        CultureInfo.InvariantCulture,
        $"{text.PromptTokens} tokens of prompt, {text.NewTokens} new in {seconds:0.00} s, {text.NewTokens / seconds:0.#} tokens/s; ended by {NameOf(text.Finish)}");

    private static string NameOf(FinishReason? reason) => reason switch
    {
        FinishReason.EndToken => "end-token",
        FinishReason.StopText => "stop-text",
        FinishReason.MaxTokens => "max-tokens",
        FinishReason.Context => "context",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "the text has not ended"),
    };
}
