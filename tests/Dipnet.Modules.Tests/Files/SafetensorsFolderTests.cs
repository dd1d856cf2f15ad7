using Dipnet.Modules.Files;

namespace Dipnet.Modules.Tests.Files;

public sealed class SafetensorsFolderTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("shards-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Folder_WithShards_FindsEveryTensor()
    {
        Shard("m-1.safetensors", "a");
        Shard("m-2.safetensors", "b");
        Index("""{"metadata":{"total_size":2},"weight_map":{"a":"m-1.safetensors","b":"m-2.safetensors"}}""");
        using var folder = SafetensorsFolder.Open(_folder);
        Assert.Equal(["a", "b"], folder.Names.Order());
        Assert.EndsWith("m-2.safetensors", folder.Find("b")!.Value.File.Path);
        Assert.Null(folder.Find("c"));
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"m-1.safetensors","b":"m-3.safetensors"}}""", "m-3.safetensors")]
    [InlineData("""{"weight_map":{"a":"m-1.safetensors","c":"m-1.safetensors"}}""", "'c'")]
    [InlineData("""{"weight_map":{}}""", "neither|")]
    [InlineData("""{"weight_map":{"a":"../m-1.safetensors"}}""", "without a folder")]
    [InlineData("""{"weight_map":{"a":"m-1.safetensors","a2":"m-2.safetensors"}}""", "'a2'")]
    [InlineData("""{"weight_map":7}""", "weight_map")]
    [InlineData("nothing", "not valid JSON")]
    public void Folder_WrongIndex_NamesWhatIsWrong(string index, string named)
    {
        Shard("m-1.safetensors", "a");
        Shard("m-2.safetensors", "b");
        Index(index);
        if (named == "neither|")
        {
            using var empty = SafetensorsFolder.Open(_folder);
            Assert.Empty(empty.Names);
            return;
        }
        Assert.Contains(named, Assert.Throws<SafetensorsException>(() => SafetensorsFolder.Open(_folder)).Message);
    }

    [Fact]
    public void Folder_ShardWithUnlistedTensor_Throws()
    {
        Shard("m-1.safetensors", "a", "hidden");
        Index("""{"weight_map":{"a":"m-1.safetensors"}}""");
        Assert.Contains("'hidden'", Assert.Throws<SafetensorsException>(() => SafetensorsFolder.Open(_folder)).Message);
    }

    [Fact]
    public void Folder_Empty_SaysWhatIsMissing() => Assert.Throws<FileNotFoundException>(() => SafetensorsFolder.Open(_folder));

    void Index(string json) => File.WriteAllText(Path.Combine(_folder, SafetensorsFolder.IndexFile), json);

    void Shard(string name, params string[] tensors)
    {
        using var writer = SafetensorsWriter.Create(Path.Combine(_folder, name), tensors.Select(t => (t, SafetensorsType.U8, (IReadOnlyList<long>)[1L])));
        writer.Write(new byte[tensors.Length]);
        writer.Complete();
    }
}
