namespace Dipnet.Coordinator.Jobs;

/// <summary>The data sets that a job can name.</summary>
internal static class DataSets
{
    public static readonly IReadOnlyList<DataSetFacts> All =
    [
        new("digits", false, 8, 1, 1438, 2),
        new("fashion-mnist", false, 28, 1, 60_000, 7),
        new("mnist", false, 28, 1, 60_000, 7),
        new("cifar10", false, 32, 3, 50_000, 4),
        new("text", true, 0, 0, 0, 0),
        new("jsonl", true, 0, 0, 0, 0),
        new("arithmetic", true, 0, 0, 0, 0),
    ];

    /// <summary>The facts of a set, or null when no set has that name.</summary>
    public static DataSetFacts? Find(string name) => All.FirstOrDefault(set => set.Name == name);
}
