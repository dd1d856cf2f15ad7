using System.CommandLine;
using System.Text.Json;
using Dipnet.Cli.Hosting;
using Dipnet.Cli.Output;

namespace Dipnet.Cli.Commands;

/// <summary><c>dipnet checkpoint list DIR</c>; <c>verify</c> and <c>export</c> read tensors and are the worker program's.</summary>
internal static class CheckpointCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "A run's folder, its checkpoints folder, or one checkpoint." };
        var list = new Command("list", "List the checkpoints of a run.") { folder };
        list.SetAction((parse, _) => Task.FromResult(List(Path.GetFullPath(parse.GetRequiredValue(folder)))));
        return new Command("checkpoint", "List, verify or export checkpoints.")
        {
            list,
            new Command("verify", "Read every shard and check its hash."),
            new Command("export", "Merge a checkpoint into one safetensors file or a model folder."),
        };
    }

    private static int List(string folder)
    {
        var found = Find(folder).ToList();
        if (found.Count == 0)
        {
            throw new CommandException(ExitCode.Configuration, $"{folder} holds no checkpoint: no manifest.json in it or in checkpoints/step-…");
        }

        var screen = Screen.OfThisProcess(quiet: false);
        var table = ResultTable.New(screen, "checkpoint", "written (UTC)", "size");
        foreach (var checkpoint in found)
        {
            ResultTable.Row(table, Path.GetFileName(checkpoint), $"{File.GetLastWriteTimeUtc(Path.Combine(checkpoint, "manifest.json")):yyyy-MM-dd HH:mm:ss}", Size(checkpoint));
        }

        screen.Console.Write(table);
        return ExitCode.Completed;
    }

    /// <summary>Folders with a manifest; one without it does not exist as a checkpoint.</summary>
    internal static IEnumerable<string> Find(string folder)
    {
        var places = new[] { folder, Path.Combine(folder, "checkpoints") }
            .Where(Directory.Exists)
            .SelectMany(place => Directory.EnumerateDirectories(place, "step-*"))
            .Prepend(folder);
        return places.Where(place => File.Exists(Path.Combine(place, "manifest.json"))).Order(StringComparer.Ordinal);
    }

    private static string Size(string checkpoint)
    {
        try
        {
            using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(checkpoint, "manifest.json")));
            var bytes = Directory.EnumerateFiles(checkpoint, "shard-*.safetensors").Sum(file => new FileInfo(file).Length);
            return Figures.Bytes((ulong)bytes);
        }
        catch (JsonException)
        {
            return "torn manifest";
        }
    }
}
