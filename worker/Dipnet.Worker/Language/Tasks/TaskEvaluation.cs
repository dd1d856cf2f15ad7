using System.Diagnostics;
using System.Text;
using Dipnet.Modules.Language;
using Dipnet.Worker.Devices;
using TorchSharp;

namespace Dipnet.Worker.Language;

/// <summary>Runs one request of <c>eval</c>.</summary>
internal static class TaskEvaluation
{
    /// <summary>The problems that training jobs are measured by, too.</summary>
    private const ulong HeldOutSeed = 0;

    /// <summary>Shots are from training templates of a seed that no problem asked has.</summary>
    private const ulong ShotSeed = 0x53484F54;

    private const int ShotLevel = 3;

    /// <param name="progress">For people.</param>
    /// <exception cref="ArgumentException">The request, or what it names, is wrong; the message says what.</exception>
    /// <exception cref="OperationCanceledException">Stopped; the log holds what was done.</exception>
    public static TaskReport Run(TaskRequest request, TextWriter progress, bool terminal, CancellationToken stop)
    {
        request.Validated();
        var device = WorkerDevice.Find(request.Device);
        using var source = ModelSource.Open(request.Checkpoint, request.Tokenizer);
        if (source.Warning is { } warning)
        {
            progress.WriteLine(warning);
        }

        var level = request.Task == TaskRequest.Arithmetic ? request.Level ?? (int?)LevelOf(source) ?? 1 : (int?)null;
        var examples = Examples(request, level);
        var template = !request.Chat ? null : source.Tokenizer.Chat
            ?? throw new ArgumentException($"--chat: the tokenizer of {source.Path} has no chat template; leave --chat out, or give another --tokenizer");
        var temperature = request.Temperature ?? (request.Majority && source.Model.Projections.Count == 0 ? TaskRequest.VoteTemperature : 0);
        source.Model.to(device);
        source.Model.eval();
        torch.set_num_threads(request.Threads > 0 ? request.Threads : DecodeThreads.For(source.Model));
        var options = new GenerationOptions
        {
            MaxTokens = request.MaxTokens,
            Temperature = temperature,
            Trajectories = request.Majority ? 1 : request.Trajectories,
            Seed = request.Seed,
            Stop = template is null ? TaskPrompt.Stop : [],
        };
        var answers = new TaskAnswers(source.Model, source.Tokenizer, options, request.Votes, request.Chat, stop);
        var run = new TaskRun(new TaskPrompt(Shots(request, level), template), answers.Complete, request.Votes, request.Typos);
        var begin = Stopwatch.GetTimestamp();
        var (score, without) = Count(run.Outcomes(examples, stop), request.Log, new TaskProgress(progress, terminal, examples.Count));
        return new TaskReport
        {
            Task = request.Task,
            Model = source.Path,
            Examples = score.Examples,
            Correct = score.Correct,
            Accuracy = score.Accuracy,
            Low95 = score.Interval.Low,
            High95 = score.Interval.High,
            WithoutAnswer = without,
            Shots = request.Shots,
            Chat = request.Chat,
            Trajectories = request.Trajectories,
            Majority = request.Majority,
            Temperature = temperature,
            Typos = request.Typos,
            Level = level,
            Seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds,
        };
    }

    private static uint? LevelOf(ModelSource source) => source.Job is { Data: { Name: TaskRequest.Arithmetic, Level: > 0 } data } ? data.Level : null;

    private static IReadOnlyList<TaskExample> Examples(TaskRequest request, int? level)
    {
        if (level is { } of)
        {
            return Generated(new WordProblems(HeldOutSeed, of, heldOut: true), request.Limit > 0 ? request.Limit : TaskRequest.GeneratedExamples);
        }

        var all = TaskFile.Read(request.Task, request.Data!);
        return request.Limit > 0 && request.Limit < all.Count ? [.. all.Take(request.Limit)] : all;
    }

    private static IReadOnlyList<TaskExample> Shots(TaskRequest request, int? level)
    {
        if (request.ShotsData is not { } path)
        {
            return Generated(new WordProblems(ShotSeed, level ?? ShotLevel, heldOut: false), request.Shots);
        }

        var all = TaskFile.Read(request.Task, path);
        return all.Count >= request.Shots
            ? [.. all.Take(request.Shots)]
            : throw new ArgumentException($"--shots {request.Shots}: {path} holds {all.Count} problems");
    }

    private static IReadOnlyList<TaskExample> Generated(WordProblems problems, int count) => [.. Enumerable.Range(0, count).Select(i => TaskExample.Of(problems[i]))];

    private static (TaskScore Score, int Without) Count(IEnumerable<TaskOutcome> outcomes, string? log, TaskProgress progress)
    {
        using var lines = log is null ? null : new StreamWriter(log, append: false, new UTF8Encoding(false)) { AutoFlush = true };
        var (score, without) = (new TaskScore(), 0);
        foreach (var outcome in outcomes)
        {
            lines?.WriteLine(TaskReport.Line(outcome));
            score = score.Add(outcome.Correct);
            without += outcome.Extracted is null ? 1 : 0;
            progress.Report(score);
        }

        return (score, without);
    }
}
