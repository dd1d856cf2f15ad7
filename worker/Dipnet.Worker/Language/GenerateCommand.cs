using System.CommandLine;
using System.Globalization;
using Dipnet.Modules.Language;
using Dipnet.Worker.Checkpoints;
using Dipnet.Worker.Devices;
using Dipnet.Worker.Hosting;

namespace Dipnet.Worker.Language;

/// <summary><c>generate DIR</c>: continues a text.</summary>
internal static class GenerateCommand
{
    public static Command Create()
    {
        var defaults = new GenerationOptions();
        var model = new Argument<string>("model") { Description = "A run folder (its newest whole checkpoint), a checkpoint folder, a Hugging Face folder or a llama2.c file." };
        var prompt = new Option<string>("--prompt") { HelpName = "TEXT", Description = "Text to go on from; may be empty where the tokenizer has a begin token." };
        var promptFile = new Option<string>("--prompt-file") { HelpName = "FILE", Description = "File with the text to go on from." };
        var tokenizer = new Option<string>("--tokenizer") { HelpName = "PATH", Description = "Tokenizer file or folder; default: the run's, or the one beside the model." };
        var greedy = new Option<bool>("--greedy") { Description = "Always the most probable token; the same as --temperature 0." };
        var temperature = new Option<double>("--temperature") { HelpName = "T", Description = "Divides log-probabilities before a token is drawn.", DefaultValueFactory = _ => defaults.Temperature };
        var topK = new Option<int>("--top-k") { HelpName = "K", Description = "Draw from the K most probable tokens; 0: from all.", DefaultValueFactory = _ => defaults.TopK };
        var topP = new Option<double>("--top-p") { HelpName = "P", Description = "Draw from the fewest tokens whose probabilities sum to P.", DefaultValueFactory = _ => defaults.TopP };
        var seed = new Option<ulong>("--seed") { HelpName = "S", Description = "Of drawn tokens and of the projections' noise.", DefaultValueFactory = _ => defaults.Seed };
        var maxTokens = new Option<int>("--max-tokens") { HelpName = "N", Description = "Longest continuation; it also ends where the model's context does.", DefaultValueFactory = _ => defaults.MaxTokens };
        var stop = new Option<string[]>("--stop") { HelpName = "TEXT", Description = "Text that ends the continuation and is not part of it; may be given several times." };
        var trajectories = new Option<int>("--trajectories")
        {
            HelpName = "K",
            Description = "Average token probabilities over K noisy passes; 0: one pass without noise.", DefaultValueFactory = _ => defaults.Trajectories,
        };
        var chat = new Option<bool>("--chat") { Description = "The prompt is a user's message: put it through the model's chat template and print the answer alone." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object at the end instead of the text." };
        var quiet = new Option<bool>("--quiet") { Description = "Print the text and nothing else." };
        var device = new Option<string>("--device") { HelpName = "DEVICE", Description = "auto, cpu, cuda or cuda:N.", DefaultValueFactory = _ => "auto" };
        var threads = new Option<int>("--threads") { HelpName = "N", Description = "Threads of one operator; 0: one for a small model, else one a core." };
        var command = new Command("generate", "Continue a text with a language model.")
        {
            model, prompt, promptFile, tokenizer, greedy, temperature, topK, topP, seed, maxTokens, stop, trajectories, chat, json, quiet, device, threads,
        };
        command.Validators.Add(result =>
        {
            if ((result.GetResult(prompt) is null) == (result.GetResult(promptFile) is null))
            {
                result.AddError("generate: one of --prompt and --prompt-file must be given");
            }

            if (result.GetValue(greedy) && result.GetResult(temperature) is { Implicit: false })
            {
                result.AddError("generate: --greedy and --temperature exclude each other");
            }
        });
        Require(threads, value => value is >= 0 and <= 1024, "must be 0 … 1024");
        Require(temperature, value => value >= 0 && double.IsFinite(value), "must be finite and at least 0");
        Require(topK, value => value >= 0, "must be at least 0");
        Require(topP, value => value is > 0 and <= 1, "must be above 0 and at most 1");
        Require(maxTokens, value => value >= 1, "must be at least 1");
        Require(trajectories, value => value is >= 0 and <= 1024, "must be 0 … 1024");
        stop.Validators.Add(result =>
        {
            if (result.Tokens.Any(t => t.Value.Length == 0))
            {
                result.AddError("generate: --stop \"\": must not be empty");
            }
        });
        command.SetAction(parse => Guarded(() => Generation.Run(new GenerationRequest
        {
            Model = parse.GetRequiredValue(model),
            Tokenizer = parse.GetValue(tokenizer),
            Prompt = parse.GetValue(prompt) ?? File.ReadAllText(parse.GetRequiredValue(promptFile)),
            Chat = parse.GetValue(chat),
            Json = parse.GetValue(json),
            Quiet = parse.GetValue(quiet),
            Device = parse.GetValue(device)!,
            Threads = parse.GetValue(threads),
            Options = new GenerationOptions
            {
                MaxTokens = parse.GetValue(maxTokens),
                Temperature = parse.GetValue(greedy) ? 0 : parse.GetValue(temperature),
                TopK = parse.GetValue(topK),
                TopP = parse.GetValue(topP),
                Seed = parse.GetValue(seed),
                Trajectories = parse.GetValue(trajectories),
                Stop = parse.GetValue(stop) ?? [],
            },
        })));
        return command;
    }

    // A text that is no number is refused by the parser itself.
    private static void Require<T>(Option<T> option, Func<T, bool> holds, string rule) where T : IParsable<T> => option.Validators.Add(result =>
    {
        if (result.Tokens.Count > 0 && T.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var value) && !holds(value))
        {
            result.AddError($"generate: {option.Name} {result.Tokens[0].Value}: {rule}");
        }
    });

    private static int Guarded(Action action)
    {
        try
        {
            action();
            return ExitCode.Completed;
        }
        catch (DeviceException e)
        {
            Console.Error.WriteLine(e.Message);
            return e.Code;
        }
        catch (Exception e) when (e is ArgumentException or ModelFormatException or FileNotFoundException or DirectoryNotFoundException)
        {
            Console.Error.WriteLine(e.Message.Split(" (Parameter '")[0]);
            return ExitCode.Configuration;
        }
        catch (Exception e) when (e is CheckpointException or IOException or UnauthorizedAccessException or ArithmeticException)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCode.Failed;
        }
    }
}
