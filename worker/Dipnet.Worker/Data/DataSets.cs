using Dipnet.Protos;

namespace Dipnet.Worker.Data;

/// <summary>Finds the files of an image data set by its name and reads them.</summary>
internal static class DataSets
{
    public static DataSet Open(DataSpec spec)
    {
        var set = spec.Name switch
        {
            "digits" => Digits(spec.Path),
            "mnist" => Idx("mnist", spec.Path),
            "fashion-mnist" => Idx("fashion-mnist", spec.Path),
            "cifar10" => Cifar(spec.Path),
            _ => throw new DataException($"data.name \"{spec.Name}\": must be digits, mnist, fashion-mnist or cifar10"),
        };
        return set with { Training = set.Training.Take((int)spec.Limit) };
    }

    private static DataSet Digits(string path)
    {
        if (path.Length == 0)
        {
            return DigitsFile.Embedded();
        }

        using var file = File.OpenRead(Existing("digits", [path, Path.Combine(path, "digits.csv.gz")]));
        return DigitsFile.Read(file, path);
    }

    private static DataSet Idx(string name, string path)
    {
        var folders = Folders(name, path);
        string Find(string part) => Existing(name, folders.SelectMany(f => new[] { Path.Combine(f, part + ".gz"), Path.Combine(f, part) }));
        var training = IdxFile.Read(Find("train-images-idx3-ubyte"), Find("train-labels-idx1-ubyte"));
        var test = IdxFile.Read(Find("t10k-images-idx3-ubyte"), Find("t10k-labels-idx1-ubyte"));
        return training.SampleSize == test.SampleSize
            ? new DataSet(training, test)
            : throw new DataException($"{name}: training images are {training.Height} × {training.Width}, test images {test.Height} × {test.Width}");
    }

    // A single file, or a folder without test_batch.bin, is split: its last fifth is the test set.
    private static DataSet Cifar(string path)
    {
        if (File.Exists(path))
        {
            return Split(CifarFile.Read([path]));
        }

        var folders = Folders("cifar10", path).SelectMany(f => new[] { f, Path.Combine(f, "cifar-10-batches-bin") }).ToArray();
        var folder = folders.FirstOrDefault(f => Directory.Exists(f) && Directory.EnumerateFiles(f, "data_batch_*.bin").Any())
            ?? throw Missing("cifar10", folders.Select(f => Path.Combine(f, "data_batch_1.bin")));
        var training = CifarFile.Read(Directory.GetFiles(folder, "data_batch_*.bin").Order(StringComparer.Ordinal).ToArray());
        var test = Path.Combine(folder, "test_batch.bin");
        return File.Exists(test) ? new DataSet(training, CifarFile.Read([test])) : Split(training);
    }

    private static DataSet Split(ImageSet all)
    {
        var training = all.Count - all.Count / 5;
        return new DataSet(all.Take(training), all.Select(Enumerable.Range(training, all.Count - training).ToArray()));
    }

    private static string[] Folders(string name, string path) => path.Length > 0
        ? [path]
        : [$"/usr/share/datasets/{name}", $"/usr/share/dataset-{name}", Path.Combine(Cache(), name)];

    /// <summary>Where downloaded data sets are kept: $XDG_CACHE_HOME/dipnet or ~/.cache/dipnet.</summary>
    private static string Cache()
    {
        var root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        return Path.Combine(string.IsNullOrEmpty(root) ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache") : root, "dipnet");
    }

    private static string Existing(string name, IEnumerable<string> candidates)
    {
        var paths = candidates.ToArray();
        return paths.FirstOrDefault(File.Exists) ?? throw Missing(name, paths);
    }

    private static DataException Missing(string name, IEnumerable<string> candidates) =>
        new($"data set {name} is not on this machine (looked for {string.Join(", ", candidates)}); set data.path to its folder"
            + (name == "fashion-mnist" ? " or install the Debian package dataset-fashion-mnist" : ""));
}
