using System.Text.Json;

namespace Dipnet.Modules.Files;

/// <summary>
/// The tensors of a model folder: one <c>model.safetensors</c>, or the shards that <c>model.safetensors.index.json</c> lists. Every shard is
/// opened and checked against the index at the start.
/// </summary>
public sealed class SafetensorsFolder : IDisposable
{
    public const string SingleFile = "model.safetensors";
    public const string IndexFile = "model.safetensors.index.json";

    readonly List<SafetensorsFile> _files = [];
    readonly Dictionary<string, SafetensorsFile> _owners = [];

    SafetensorsFolder() { }

    /// <summary>Names of all tensors.</summary>
    public IReadOnlyCollection<string> Names => _owners.Keys;

    public static bool IsPresent(string folder) => File.Exists(Path.Combine(folder, SingleFile)) || File.Exists(Path.Combine(folder, IndexFile));

    /// <exception cref="FileNotFoundException">Neither file is there.</exception>
    /// <exception cref="SafetensorsException">A file or the index breaks a rule.</exception>
    public static SafetensorsFolder Open(string folder)
    {
        var index = Path.Combine(folder, IndexFile);
        var single = Path.Combine(folder, SingleFile);
        var opened = new SafetensorsFolder();
        try
        {
            if (File.Exists(single))
            {
                opened.Add(SafetensorsFile.Open(single));
            }
            else if (File.Exists(index))
            {
                opened.AddShards(folder, index);
            }
            else
            {
                throw new FileNotFoundException($"{folder} has neither {SingleFile} nor {IndexFile}", single);
            }
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>The file that holds a tensor and its entry there; null when no file has it.</summary>
    public (SafetensorsFile File, SafetensorsEntry Entry)? Find(string name) => _owners.TryGetValue(name, out var file) ? (file, file[name]) : null;

    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }
    }

    void AddShards(string folder, string index)
    {
        var map = ReadIndex(index);
        foreach (var shard in map.Values.Distinct().Order(StringComparer.Ordinal))
        {
            if (shard != Path.GetFileName(shard) || shard.Length == 0)
            {
                throw new SafetensorsException(index, $"shard '{shard}' must be a file name without a folder");
            }
            var path = Path.Combine(folder, shard);
            if (!File.Exists(path))
            {
                throw new SafetensorsException(index, $"names shard '{shard}', which is not in the folder");
            }
            Add(SafetensorsFile.Open(path));
        }
        foreach (var (name, shard) in map)
        {
            if (!_owners.TryGetValue(name, out var file) || Path.GetFileName(file.Path) != shard)
            {
                throw new SafetensorsException(index, $"places tensor '{name}' in '{shard}', which does not have it");
            }
        }
        if (_owners.Keys.FirstOrDefault(n => !map.ContainsKey(n)) is { } unlisted)
        {
            throw new SafetensorsException(_owners[unlisted].Path, $"tensor '{unlisted}' is not listed in {IndexFile}");
        }
    }

    void Add(SafetensorsFile file)
    {
        _files.Add(file);
        foreach (var entry in file.Entries)
        {
            if (!_owners.TryAdd(entry.Name, file))
            {
                throw new SafetensorsException(file.Path, $"tensor '{entry.Name}' is also in {Path.GetFileName(_owners[entry.Name].Path)}");
            }
        }
    }

    static Dictionary<string, string> ReadIndex(string index)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(index));
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("weight_map", out var weights) || weights.ValueKind != JsonValueKind.Object)
            {
                throw new SafetensorsException(index, "must be an object with an object 'weight_map'");
            }
            var map = new Dictionary<string, string>();
            foreach (var item in weights.EnumerateObject())
            {
                if (item.Value.ValueKind != JsonValueKind.String || !map.TryAdd(item.Name, item.Value.GetString()!))
                {
                    throw new SafetensorsException(index, $"'weight_map.{item.Name}' must be given once and be a file name");
                }
            }
            return map;
        }
        catch (JsonException e)
        {
            throw new SafetensorsException(index, $"is not valid JSON: {e.Message}");
        }
    }
}
