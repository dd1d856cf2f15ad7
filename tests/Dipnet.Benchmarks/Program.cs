using System.Text.Json;
using Dipnet.Benchmarks;

// usage: Dipnet.Benchmarks [ROUNDS [FILE [PART …]]]: runs `dipnet bench` and the peers in turn, prints a table and writes it to FILE.
// Parts: exchange, step, language, overlap, netem (needs root), optimizer, dipnet, gpu (needs a GPU); default all but netem and gpu.
string[] known = ["exchange", "step", "language", "overlap", "netem", "optimizer", "dipnet", "gpu"];
var rounds = args.Length > 0 && int.TryParse(args[0], out var given) && given > 0 ? given : 3;
var root = Repository.Root();
var file = args.Length > 1 ? args[1] : Path.Combine(root, "tests", "Dipnet.Benchmarks", "results", "latest.json");
var parts = args.Length > 2 ? args[2..] : [.. known.Except(["netem", "gpu"])];
if (parts.FirstOrDefault(p => !known.Contains(p)) is { } unknown)
{
    Console.Error.WriteLine($"part {unknown}: must be one of {string.Join(", ", known)}");
    return 2;
}

if (parts.Contains("gpu") && !GpuFigures.Possible(root))
{
    return 3;
}

var hardware = Repository.Hardware();
var figures = new List<Figure>();
foreach (var part in parts)
{
    IEnumerable<Figure> measured = part switch
    {
        "exchange" => ExchangeFigures.Run(root, rounds),
        "step" => [.. CoreProbe.Run(rounds), .. StepFigures.Run(root, rounds)],
        "language" => LanguageFigures.Run(root, rounds),
        "overlap" => OwnFigures.Overlap(root, rounds),
        "netem" => OwnFigures.SlowNetwork(root),
        "gpu" => GpuFigures.Run(root, rounds),
        "optimizer" => OwnFigures.Ceilings(root, "optimizer", "--parameters", "57"),
        _ => OwnFigures.Ceilings(root, part),
    };
    foreach (var figure in measured)
    {
        figures.Add(figure);
        Save();
    }
}

Console.WriteLine($"\n{hardware}; {rounds} rounds\n{Figure.Head}");
figures.ForEach(Console.WriteLine);
Console.WriteLine(file);
return 0;

// After each figure, so that an interrupted run leaves what it has.
void Save()
{
    Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
    var options = new JsonSerializerOptions { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    File.WriteAllText(file, JsonSerializer.Serialize(new { hardware, rounds, figures }, options) + "\n");
}
