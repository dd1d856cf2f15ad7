using System.CommandLine;
using Dipnet.Modules.Language;
using Dipnet.Worker.Checkpoints;
using Dipnet.Worker.Data;
using Dipnet.Worker.Devices;
using Dipnet.Worker.Hosting;

namespace Dipnet.Worker.Language;

/// <summary><c>eval CHECKPOINT --task …</c>: how many problems a language model solves.</summary>
internal static class EvalCommand
{
    public static Command Create()
    {
        var checkpoint = new Argument<string>("model") { Description = "A run folder (its newest whole checkpoint), a checkpoint folder, a Hugging Face folder or a llama2.c file." };
        var task = new Option<string>("--task") { HelpName = "TASK", Description = "gsm8k, svamp, mawps or arithmetic (generated, held-out templates).", Required = true };
        var data = new Option<string>("--data") { HelpName = "FILE", Description = "File of the problems, in its publisher's format: GSM8K and MAWPS .jsonl, SVAMP .json." };
        var shots = new Option<int>("--shots") { HelpName = "N", Description = "Solved examples before each question; 0: none." };
        var shotsData = new Option<string>("--shots-data") { HelpName = "FILE", Description = "File to take the shots from, as a rule the training part; default: generated ones." };
        var limit = new Option<int>("--limit") { HelpName = "N", Description = $"The first N problems; 0: all of the file, {TaskRequest.GeneratedExamples} generated ones." };
        var level = new Option<int?>("--level") { HelpName = "N", Description = "Of arithmetic, 1 … 5; default: that of the model's job, else 1." };
        var typos = new Option<double>("--typos") { HelpName = "RATE", Description = "Share of the questions' letters with a typing error, 0 … 1; digits stay." };
        var trajectories = new Option<int>("--trajectories") { HelpName = "K", Description = "Average token probabilities over K noisy passes; 0: one pass without noise." };
        var majority = new Option<bool>("--majority") { Description = "Let K independent answers vote instead, one trajectory each." };
        var temperature = new Option<double?>("--temperature")
        {
            HelpName = "T",
            Description = $"0: the most probable token. Default 0; with --majority and a model without projections {TaskRequest.VoteTemperature}.",
        };
        var seed = new Option<ulong>("--seed") { HelpName = "S", Description = "Of noise and drawn tokens.", DefaultValueFactory = _ => 1 };
        var maxTokens = new Option<int>("--max-tokens") { HelpName = "N", Description = "Longest answer.", DefaultValueFactory = _ => 256 };
        var chat = new Option<bool>("--chat") { Description = "Ask through the tokenizer's chat template." };
        var tokenizer = new Option<string>("--tokenizer") { HelpName = "PATH", Description = "Tokenizer file or folder; default: the run's, or the one beside the model." };
        var log = new Option<string>("--log") { HelpName = "FILE", Description = "File for one JSON line an example: question, prompt, completion, extracted, expected, correct." };
        var json = new Option<bool>("--json") { Description = "Print the result as one JSON line." };
        var device = new Option<string>("--device") { HelpName = "DEVICE", Description = "auto, cpu, cuda or cuda:N.", DefaultValueFactory = _ => "auto" };
        var threads = new Option<int>("--threads") { HelpName = "N", Description = "Threads of one operator; 0: 1 for a small model, else one a core." };
        var command = new Command("eval", "Measure how many problems of a task a language model solves.")
        {
            checkpoint, task, data, shots, shotsData, limit, level, typos, trajectories, majority, temperature, seed, maxTokens, chat, tokenizer, log, json, device, threads,
        };
        command.SetAction((parse, stop) => Task.Run(() => Guarded(parse.GetValue(json), stop, new TaskRequest
        {
            Checkpoint = parse.GetRequiredValue(checkpoint),
            Task = parse.GetRequiredValue(task),
            Data = parse.GetValue(data),
            Shots = parse.GetValue(shots),
            ShotsData = parse.GetValue(shotsData),
            Limit = parse.GetValue(limit),
            Level = parse.GetValue(level),
            Typos = parse.GetValue(typos),
            Trajectories = parse.GetValue(trajectories),
            Majority = parse.GetValue(majority),
            Temperature = parse.GetValue(temperature),
            Seed = parse.GetValue(seed),
            MaxTokens = parse.GetValue(maxTokens),
            Chat = parse.GetValue(chat),
            Tokenizer = parse.GetValue(tokenizer),
            Log = parse.GetValue(log),
            Json = parse.GetValue(json),
            Device = parse.GetValue(device)!,
            Threads = parse.GetValue(threads),
        }), CancellationToken.None));
        return command;
    }

    private static int Guarded(bool json, CancellationToken stop, TaskRequest request)
    {
        try
        {
            var report = TaskEvaluation.Run(request, Console.Error, !Console.IsErrorRedirected, stop);
            Console.WriteLine(json ? report.Json() : report.Table().TrimEnd());
            return ExitCode.Completed;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("cancelled");
            return ExitCode.Cancelled;
        }
        catch (Exception e) when (e is ArgumentException or ModelFormatException or DataException or FileNotFoundException or DirectoryNotFoundException)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCode.Configuration;
        }
        catch (DeviceException e)
        {
            Console.Error.WriteLine(e.Message);
            return e.Code;
        }
        catch (Exception e) when (e is CheckpointException or IOException or UnauthorizedAccessException or ArithmeticException)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCode.Failed;
        }
    }
}
