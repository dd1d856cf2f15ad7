using System.CommandLine;
using Dipnet.Worker.Checkpoints;
using Dipnet.Worker.Hosting;

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
        var output = new Option<string>("--output", "-o") { Description = "File to write; default: model.safetensors in the checkpoint's folder." };
        var command = new Command("export", "Merge the shards' parameters into one safetensors file with the model's names.") { folder, output };
        command.SetAction(parse => Guarded(() =>
        {
            var path = Checkpoints(parse.GetRequiredValue(folder))[^1];
            var file = parse.GetValue(output) ?? Path.Combine(path, "model.safetensors");
            var (tensors, sha256) = CheckpointExport.Export(path, file);
            Console.WriteLine($"{file}: {tensors} tensors, SHA-256 {sha256}");
        }));
        return command;
    }

    private static Argument<string> Folder() => new("folder") { Description = "Folder of a checkpoint, the one with manifest.json, or of a run: then all are verified, the newest is exported." };

    /// <summary>A checkpoint's folder itself, or those of a run by step.</summary>
    private static IReadOnlyList<string> Checkpoints(string folder)
    {
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
        catch (Exception e) when (e is CheckpointException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(e.Message);
            return ExitCode.Failed;
        }
    }
}
