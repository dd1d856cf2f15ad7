using System.Text.Json;
using System.Text.Json.Nodes;
using Dipnet.Coordinator.RunFolders;
using Dipnet.Protos;
using Google.Protobuf;

namespace Dipnet.Coordinator.Checkpoints;

/// <summary>
/// manifest.json of a checkpoint; a checkpoint without one does not exist. Schema:
/// <c>{"format":"dipnet-checkpoint/1","job","spec","step","world","created","shards":[{"file","bytes","sha256"}],
/// "tensors":[{"name","dtype","shape","parts":[{"shard", …}]}]}</c>. <c>spec</c> is the resolved job, so that the model can be built from the folder alone;
/// <c>step</c> counts committed steps; <c>shard</c> is a place in <c>shards</c> (the rank that wrote it); what else a part has is the writer's: where in the
/// tensor it starts, and where its bytes lie in the shard.
/// </summary>
internal static class CheckpointManifest
{
    public const string FileName = "manifest.json";
    public const string Format = "dipnet-checkpoint/1";

    public static string FolderName(ulong committedSteps) => $"step-{committedSteps:00000000}";

    /// <param name="shards">One of each rank, in rank order.</param>
    /// <exception cref="JsonException">A shard's part of the manifest is not what the protocol says.</exception>
    public static byte[] Write(string jobId, JobSpec job, IReadOnlyList<PendingShard> shards, DateTimeOffset now)
    {
        var tensors = new List<JsonObject>();
        var byName = new Dictionary<string, JsonObject>();
        foreach (var shard in shards)
        {
            foreach (var part in TensorsOf(shard))
            {
                var name = (string?)part["name"] ?? throw new JsonException($"shard {shard.File}: a tensor without a name");
                if (!byName.TryGetValue(name, out var tensor))
                {
                    tensor = new JsonObject { ["name"] = name, ["dtype"] = part["dtype"]?.DeepClone(), ["shape"] = part["shape"]?.DeepClone(), ["parts"] = new JsonArray() };
                    byName[name] = tensor;
                    tensors.Add(tensor);
                }

                var rest = new JsonObject { ["shard"] = shard.Rank };
                foreach (var (key, value) in part.Where(p => p.Key is not ("name" or "dtype" or "shape")))
                {
                    rest[key] = value?.DeepClone();
                }

                tensor["parts"]!.AsArray().Add(rest);
            }
        }

        var manifest = new JsonObject
        {
            ["format"] = Format,
            ["job"] = jobId,
            ["spec"] = JsonNode.Parse(JsonFormatter.Default.Format(job)),
            ["step"] = shards[0].CommittedSteps,
            ["world"] = shards.Count,
            ["created"] = now,
            ["shards"] = new JsonArray([.. shards.Select(s => new JsonObject { ["file"] = s.File, ["bytes"] = s.Bytes, ["sha256"] = s.Sha256 })]),
            ["tensors"] = new JsonArray([.. tensors]),
        };
        return JsonSerializer.SerializeToUtf8Bytes(manifest, JsonStyle.Indented);
    }

    private static IEnumerable<JsonObject> TensorsOf(PendingShard shard)
    {
        if (shard.ManifestPart.Length == 0)
        {
            return [];
        }

        var part = JsonNode.Parse(shard.ManifestPart);
        return (part as JsonArray ?? part?["tensors"] as JsonArray ?? throw new JsonException($"shard {shard.File}: no list of tensors"))
            .Select(n => n as JsonObject ?? throw new JsonException($"shard {shard.File}: a tensor that is no object"));
    }
}
