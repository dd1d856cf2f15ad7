using Dipnet.Worker.Devices;

namespace Dipnet.Worker.Tests.Devices;

public sealed class CoresTests : IDisposable
{
    private const string Address = "0000:3b:00.0";

    private readonly TestFolder _sys = new();

    public void Dispose() => _sys.Dispose();

    [Theory]
    [InlineData("0-3,8,10-11\n", new[] { 0, 1, 2, 3, 8, 10, 11 }, "0-3,8,10-11")]
    [InlineData("5", new[] { 5 }, "5")]
    [InlineData("3,1-2", new[] { 1, 2, 3 }, "1-3")]
    [InlineData("\n", new int[0], "")]
    public void Parse_KernelsList_IsTheCores(string text, int[] cores, string formatted)
    {
        Assert.Equal(cores, CpuList.Parse(text));
        Assert.Equal(formatted, CpuList.Format(cores));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("3-1")]
    [InlineData("1-2-3")]
    [InlineData("0-4000000000")]
    [InlineData("9000")]
    public void Parse_OtherText_IsRefused(string text)
    {
        Assert.Throws<FormatException>(() => CpuList.Parse(text));
    }

    [Theory]
    [InlineData("0-31,64-95", "0-127", "0-31,64-95")]
    [InlineData("0-31", "16-63", "16-31")]
    public void Find_GpuWithCores_IsThoseThatTheProcessMayUse(string local, string allowed, string expected)
    {
        Write(local);
        var found = GpuCores.Find(_sys.Path, Address, CpuList.Parse(allowed));

        Assert.Equal(expected, CpuList.Format(found.Cores));
        Assert.Equal($"runs on cores {expected}, those of the GPU at {Address}", found.Text);
    }

    [Theory]
    [InlineData("32-63", "0-31", "none of the 0-31")]
    [InlineData("0-63", "0-3", "all cores")]
    [InlineData("no list", "0-3", "no list")]
    [InlineData("", "0-3", "none of the 0-3")]
    public void Find_NothingToGain_StaysWhereItIsAndSaysWhy(string local, string allowed, string expected)
    {
        Write(local);
        var found = GpuCores.Find(_sys.Path, Address, CpuList.Parse(allowed));

        Assert.Empty(found.Cores);
        Assert.StartsWith("not pinned to cores: ", found.Text, StringComparison.Ordinal);
        Assert.Contains(expected, found.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_UnknownPlace_StaysWhereItIs()
    {
        Assert.Empty(GpuCores.Find(_sys.Path, Address, [0, 1]).Cores);
        Assert.Empty(GpuCores.Find(_sys.Path, null, [0, 1]).Cores);
    }

    [Fact]
    public void Keep_OneCore_HoldsForTheCallingThread()
    {
        IReadOnlyList<int> own = [];
        var last = ThreadCores.Allowed()[^1];
        Assert.True(OnAThread(() => ThreadCores.Keep(0, [last]), () => own = ThreadCores.Allowed()));
        Assert.Equal([last], own);
    }

    [Fact]
    public void KeepProcess_OneCore_HoldsForThreadsThatComeLater()
    {
        IReadOnlyList<int> before = ThreadCores.Allowed(), born = [];
        try
        {
            Assert.True(ThreadCores.KeepProcess([before[^1]]));
            OnAThread(() => true, () => born = ThreadCores.Allowed());
        }
        finally
        {
            ThreadCores.KeepProcess(before);
        }

        Assert.Equal([before[^1]], born);
        Assert.Equal(before, ThreadCores.Allowed());
    }

    private static bool OnAThread(Func<bool> first, Action then)
    {
        var result = false;
        var thread = new Thread(() =>
        {
            result = first();
            then();
        });
        thread.Start();
        thread.Join();
        return result;
    }

    private void Write(string local)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_sys.Path, Address)).FullName;
        File.WriteAllText(Path.Combine(folder, "local_cpulist"), local);
    }
}
