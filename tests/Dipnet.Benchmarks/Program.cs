using System.Text.Json;
using System.Text.Json.Nodes;
using Dipnet.Benchmarks;

// usage: Dipnet.Benchmarks [ROUNDS] [FILE]: runs `dipnet bench` and the peers in turn and writes every line, and the ratios, to FILE.
var rounds = args.Length > 0 && int.TryParse(args[0], out var given) && given > 0 ? given : 3;
var root = Repository.Root();
var file = args.Length > 1 ? args[1] : Path.Combine(root, "tests", "Dipnet.Benchmarks", "results", "latest.json");
var own = new JsonArray();
foreach (var part in new[] { "optimizer", "dipnet" })
{
    foreach (var line in BenchProgram.Dipnet(root, "bench", part, "--json"))
    {
        own.Add(line);
    }
}

var steps = new JsonArray([.. StepComparison.Shapes.Select(shape => StepComparison.Run(root, shape, rounds))]);
var results = new JsonObject { ["hardware"] = Repository.Hardware(), ["rounds"] = rounds, ["cases"] = own, ["stepsBesideDdp"] = steps };
Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
File.WriteAllText(file, results.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
Console.WriteLine(file);
return 0;
