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
            var path = parse.GetRequiredValue(folder);
            var (step, shards, bytes) = CheckpointExport.Verify(path);
            Console.WriteLine($"{path}: step {step}, {shards} shards, {bytes:N0} bytes, every hash is right");
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
            var path = parse.GetRequiredValue(folder);
            var file = parse.GetValue(output) ?? Path.Combine(path, "model.safetensors");
            var (tensors, sha256) = CheckpointExport.Export(path, file);
            Console.WriteLine($"{file}: {tensors} tensors, SHA-256 {sha256}");
        }));
        return command;
    }

    private static Argument<string> Folder() => new("folder") { Description = "Folder of the checkpoint, the one with manifest.json." };

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
