using System.Buffers;
using System.Text.Json;
using Dipnet.Coordinator.Metrics;

namespace Dipnet.Coordinator.Tests.Metrics;

public sealed class MetricsFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    private static StepLine Line(ulong step) => new()
    {
        Step = step, Loss = 0.5, Nll = double.NaN, SamplesPerSecond = 100, Seconds = [7, 1, 2, 3, 4, 5, 6], Workers = 2, Generation = 3, Partial = step % 2 == 1,
        Time = DateTimeOffset.UnixEpoch, WeightsBytes = 1 << 20, ProjectionsBytes = 12, Sigma = [new("blocks.0", 0.1, 0.05, 0.2)],
    };

    [Fact]
    public void ReadAll_OfWrittenLines_GivesThemBack()
    {
        File.WriteAllBytes(_path, [.. Enumerable.Range(0, 3).SelectMany(i => Bytes(Line((ulong)i)))]);

        var read = MetricsFile.ReadAll(_path).ToList();

        Assert.Equal([0ul, 1ul, 2ul], read.Select(l => l.Step));
        Assert.All(read, line => Assert.Equal(Bytes(Line(line.Step)), Bytes(line)));
    }

    [Fact]
    public void ReadTail_WhenACrashToreTheLastLine_EndsBeforeIt()
    {
        byte[] whole = [.. Bytes(Line(0)), .. Bytes(Line(1))];
        File.WriteAllBytes(_path, [.. whole, .. Bytes(Line(2)).AsSpan(0, 20)]);

        var read = MetricsFile.ReadTail(_path, out var wholeBytes);

        Assert.Equal([0ul, 1ul], read.Select(l => l.Step));
        Assert.Equal(whole.Length, wholeBytes);
    }

    [Fact]
    public void ReadAll_OfALineWithoutBytes_CountsNone()
    {
        File.WriteAllText(_path, """{"step":4,"loss":1,"nll":1,"penalty":0,"stability":0,"learningRate":0.1,"gradNorm":{"weights":1,"projections":1},"samplesPerSecond":9,"seconds":{"step":1,"data":0,"compute":1,"exchangeHidden":0,"exchangeExposed":0,"optimizer":0,"checkpoint":0},"workers":1,"generation":1,"time":"2026-11-25T00:00:00+00:00"}""" + "\n");

        Assert.Equal((4ul, 0ul), MetricsFile.ReadAll(_path).Select(l => (l.Step, l.WeightsBytes)).Single());
    }

    public void Dispose() => File.Delete(_path);

    private static byte[] Bytes(StepLine line)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            StepLineJson.Write(json, line);
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }
}
