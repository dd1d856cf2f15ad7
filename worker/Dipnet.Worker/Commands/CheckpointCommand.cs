using System.CommandLine;
using Dipnet.Modules.Files;
using Dipnet.Worker.Checkpoints;
using Dipnet.Worker.Hosting;
using Dipnet.Worker.Language;

namespace Dipnet.Worker.Commands;

/// <summary><c>checkpoint verify|export DIR</c>.</summary>
internal static class CheckpointCommand
{
    public static Command Create() => new("checkpoint", "Check or merge a checkpoint.") { Verify(), Export() };

    private static Command Verify()
    {
        var folder = Folder();
        var command = new Command("verify", "Check manifest, lengths and SHA-256 of every shard.") { folder };
        command.SetAction(parse => Guarded(() =>
        {
            foreach (var path in Checkpoints(parse.GetRequiredValue(folder)))
            {
                var (step, shards, bytes) = CheckpointExport.Verify(path);
                Console.WriteLine($"{path}: step {step}, {shards} shards, {bytes:N0} bytes, every hash is right");
            }
        }));
        return command;
    }

    private static Command Export()
    {
        var folder = Folder();
        var output = new Option<string>("--output", "-o") { HelpName = "FILE", Description = "File to write; default: model.safetensors in the checkpoint's folder." };
        var to = new Option<string>("--to") { HelpName = "FOLDER", Description = "Language models: write a model folder that Hugging Face's loaders take, tokenizer included, adapters merged." };
        var type = new Option<string>("--type") { HelpName = "TYPE", Description = "With --to: type of the weights.", DefaultValueFactory = _ => "f32" };
        type.AcceptOnlyFromAmong("f32", "bf16");
        var adapters = new Option<bool>("--adapters") { Description = "With --to: write the LoRA adapters alone too, in PEFT's layout, to the folder's adapters/." };
        var command = new Command("export", "Merge the shards' parameters into one safetensors file with the model's names, or into a model folder.")
        {
            folder, output, to, type, adapters,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(to) is null && (result.GetValue(adapters) || result.GetResult(type) is { Implicit: false }))
            {
                result.AddError("--type and --adapters go with --to FOLDER.");
            }
            else if (result.GetResult(to) is not null && result.GetResult(output) is not null)
            {
                result.AddError("--output FILE and --to FOLDER exclude each other.");
            }
        });
        command.SetAction(parse => Guarded(() =>
        {
            var path = Checkpoints(parse.GetRequiredValue(folder))[^1];
            if (parse.GetValue(to) is { } model)
            {
                var trained = LanguageExport.Write(path, model, parse.GetValue(type) == "bf16" ? SafetensorsType.BF16 : SafetensorsType.F32, parse.GetValue(adapters));
                Console.WriteLine($"{model}: {trained} trained tensors of {path}, merged into a model folder");
                return;
            }

            var file = parse.GetValue(output) ?? Path.Combine(path, "model.safetensors");
            var (tensors, sha256) = CheckpointExport.Export(path, file);
            Console.WriteLine($"{file}: {tensors} tensors, SHA-256 {sha256}");
        }));
        return command;
    }

    private static Argument<string> Folder() => new("DIR") { Description = "Folder of a checkpoint, the one with manifest.json, or of a run: then all are verified, the newest is exported." };

    /// <summary>A checkpoint's folder itself, or those of a run by step.</summary>
    private static IReadOnlyList<string> Checkpoints(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"{folder}: there is no such folder");
        }

        var parent = Path.Combine(folder, "checkpoints");
        var found = Directory.Exists(parent)
            ? Directory.EnumerateDirectories(parent, "step-*").Where(f => File.Exists(Path.Combine(f, "manifest.json"))).Order(StringComparer.Ordinal).ToArray()
            : [folder];
        return found.Length > 0 ? found : throw new CheckpointException($"{folder}: has no checkpoint");
    }

    private static int Guarded(Action action)
    {
        try
        {
            action();
            return ExitCode.Completed;
        }
        catch (DirectoryNotFoundException e)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCode.Configuration;
        }
        catch (Exception e) when (e is CheckpointException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCode.Failed;
        }
    }
}
