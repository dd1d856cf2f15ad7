using System.Text.Json;
using Dipnet.Protos;
using Google.Protobuf;

namespace Dipnet.Worker.Checkpoints;

/// <summary>What a checkpoint's manifest.json says about its shards. A folder without it is no checkpoint.</summary>
/// <param name="Step">Committed steps.</param>
/// <param name="Shards">File name, length and SHA-256 of each.</param>
/// <param name="Job">The resolved job that wrote it.</param>
internal sealed record Manifest(ulong Step, IReadOnlyList<(string File, long Bytes, string Sha256)> Shards, JobSpec Job)
{
    public const string FileName = "manifest.json";

    /// <exception cref="CheckpointException">Missing, torn or without a needed field.</exception>
    public static Manifest Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = document.RootElement;
            var shards = root.GetProperty("shards").EnumerateArray().Select(s => (
                s.GetProperty("file").GetString()!, s.GetProperty("bytes").GetInt64(), s.GetProperty("sha256").GetString()!)).ToArray();
            if (shards.Length == 0 || shards.FirstOrDefault(s => Path.GetFileName(s.Item1) != s.Item1) is { Item1: not null })
            {
                throw new CheckpointException($"{path}: \"shards\" must list at least one file, by name without a folder");
            }

            return new Manifest(root.GetProperty("step").GetUInt64(), shards, JobSpec.Parser.ParseJson(root.GetProperty("spec").GetRawText()));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{path}: {e.Message}; a folder without a manifest is no checkpoint");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or InvalidProtocolBufferException)
        {
            throw new CheckpointException($"{path}: torn or not a manifest ({e.Message})");
        }
    }
}
