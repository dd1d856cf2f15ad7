using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Dipnet.Modules.Files;

namespace Dipnet.Modules.Tests.Files;

public sealed class SafetensorsTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("safetensors-").FullName;

    string File1 => Path.Combine(_folder, "a.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void WrittenFile_ReadBack_HasSameTensorsAndHash()
    {
        float[] first = [1, 2, 3, 4, 5, 6];
        long[] second = [long.MinValue, 7];
        string hash;
        using (var writer = SafetensorsWriter.Create(File1,
            [("w", SafetensorsType.F32, [2, 3]), ("n", SafetensorsType.I64, [2]), ("none", SafetensorsType.BF16, [0, 4])], new Dictionary<string, string> { ["format"] = "pt" }))
        {
            writer.Write(MemoryMarshal.AsBytes<float>(first));
            writer.Write(MemoryMarshal.AsBytes<long>(second));
            hash = writer.Complete();
        }

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(File1))), hash);
        using var file = SafetensorsFile.Open(File1);
        Assert.Equal(["w", "n", "none"], file.Entries.Select(e => e.Name));
        Assert.Equal("pt", file.Metadata["format"]);
        var read = new float[6];
        file.Read(file["w"], 0, MemoryMarshal.AsBytes(read.AsSpan()));
        Assert.Equal(first, read);
        var part = new float[2];
        file.Read(file["w"], 8, MemoryMarshal.AsBytes(part.AsSpan()));
        Assert.Equal([3f, 4f], part);
        Assert.Equal([2L, 3L], file["w"].Shape);
        Assert.Equal(0, (8 + BinaryPrimitives.ReadInt64LittleEndian(File.ReadAllBytes(File1))) % 64);
    }

    [Fact]
    public void Writer_DisposedBeforeComplete_LeavesNoFile()
    {
        using (SafetensorsWriter.Create(File1, [("w", SafetensorsType.F32, [4])]))
        {
        }
        Assert.False(File.Exists(File1));
    }

    [Fact]
    public void Writer_TooManyOrTooFewBytes_Throws()
    {
        using var writer = SafetensorsWriter.Create(File1, [("w", SafetensorsType.U8, [4])]);
        Assert.Throws<SafetensorsException>(() => writer.Write(new byte[5]));
        Assert.Throws<SafetensorsException>(() => writer.Complete());
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "needs 8 bytes")]
    [InlineData("""{"a":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}}""", 4, "'F99' is not known")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6, "inside the tensor before it")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}""", 3, "belong to no tensor")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 2, "the tensors end at byte 1")]
    [InlineData("""{"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}""", 2, "ends at byte 9")]
    [InlineData("""{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,0]}}""", 0, "whole numbers")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "too large")]
    [InlineData("""{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""", 0, "named twice")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1]}}""", 1, "must all be present")]
    [InlineData("""{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"more":1}}""", 0, "unexpected field 'more'")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "must be a string")]
    [InlineData("[1]", 0, "must be an object")]
    [InlineData("{\"a\":", 0, "not valid JSON")]
    public void Open_BrokenHeader_NamesTheRule(string header, int dataBytes, string rule)
    {
        WriteRaw((ulong)header.Length, Encoding.UTF8.GetBytes(header), dataBytes);
        var error = Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(File1));
        Assert.Contains(rule, error.Message);
        Assert.Contains(File1, error.Message);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(100_000_001UL)]
    [InlineData(5000UL)]
    public void Open_WrongHeaderLength_Throws(ulong length)
    {
        WriteRaw(length, "{}"u8.ToArray(), 0);
        Assert.Contains("header length", Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(File1)).Message);
    }

    [Fact]
    public void Open_RandomDamage_ThrowsOnlyItsOwnException()
    {
        using (var writer = SafetensorsWriter.Create(File1, [("w", SafetensorsType.F32, [2, 3]), ("b", SafetensorsType.I64, [2])]))
        {
            writer.Write(new byte[40]);
            writer.Complete();
        }
        var good = File.ReadAllBytes(File1);
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length]).Sample((at, value, length) =>
        {
            var bad = good.ToArray();
            bad[at] = value;
            var path = Path.Combine(_folder, Path.GetRandomFileName());
            File.WriteAllBytes(path, bad[..length]);
            try
            {
                using var file = SafetensorsFile.Open(path);
                foreach (var entry in file.Entries)
                {
                    file.Read(entry, 0, new byte[entry.Bytes]);
                }
            }
            catch (SafetensorsException)
            {
            }
            File.Delete(path);
        }, iter: 2000, threads: 1);
    }

    [Fact]
    public void RoundTrip_RandomTensors_Equal() =>
        Gen.Select(Gen.Enum<SafetensorsType>(), Gen.Long[0, 5].Array[0, 4], Gen.String).Array[0, 6].Sample(tensors =>
        {
            var path = Path.Combine(_folder, Path.GetRandomFileName());
            var plan = tensors.Select((t, i) => ($"{t.Item3}{i}", t.Item1, (IReadOnlyList<long>)t.Item2)).ToList();
            byte[] data;
            using (var writer = SafetensorsWriter.Create(path, plan))
            {
                data = new byte[writer.Entries.Sum(e => e.Bytes)];
                new Random(data.Length).NextBytes(data);
                writer.Write(data);
                writer.Complete();
            }
            using var file = SafetensorsFile.Open(path);
            Assert.Equal(plan.Count, file.Entries.Count);
            foreach (var (name, type, shape) in plan)
            {
                var entry = file[name];
                var read = new byte[entry.Bytes];
                file.Read(entry, 0, read);
                Assert.Equal(type, entry.Type);
                Assert.Equal(shape, entry.Shape);
                Assert.Equal(data[(int)entry.Offset..(int)(entry.Offset + entry.Bytes)], read);
            }
        }, iter: 100, threads: 1);

    void WriteRaw(ulong length, byte[] header, int dataBytes) => File.WriteAllBytes(File1, [.. BitConverter.GetBytes(length), .. header, .. new byte[dataBytes]]);
}
