using System.Text.Json.Nodes;
using Dipnet.Protos;
using Dipnet.Worker.Checkpoints;
using Google.Protobuf;

namespace Dipnet.Worker.Tests.Cluster;

/// <summary>Publishes what the workers of a cluster wrote, as a coordinator does.</summary>
internal static class TestCheckpoint
{
    /// <summary>Writes the manifest of a step's shards.</summary>
    /// <returns>The checkpoint's folder.</returns>
    public static string Publish(TestCluster cluster, JobSpec job, ulong step)
    {
        var shards = cluster.Shards.Where(s => s.CommittedSteps == step).OrderBy(s => s.Rank).ToList();
        Assert.NotEmpty(shards);
        Assert.Equal((int)shards[0].World, shards.Count);
        var folder = ShardFile.Folder(cluster.RunFolder, step);
        var manifest = new JsonObject
        {
            ["step"] = step,
            ["shards"] = new JsonArray([.. shards.Select(s => (JsonNode)new JsonObject { ["file"] = s.File, ["bytes"] = s.Bytes, ["sha256"] = s.Sha256 })]),
            ["spec"] = JsonNode.Parse(JsonFormatter.Default.Format(job)),
        };
        File.WriteAllText(Path.Combine(folder, Manifest.FileName), manifest.ToJsonString());
        return folder;
    }
}
