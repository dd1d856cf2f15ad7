using Dipnet.Cli.Commands;
using Dipnet.Cli.Hosting;

namespace Dipnet.Cli.Tests.Commands;

public sealed class JobSourceTests
{
    [Fact]
    public void Load_WithoutFile_IsTheEmbeddedJob()
    {
        var job = new JobSource(null, [], null, null).Load().Job;

        Assert.Equal("vit-digits", job.Name);
        Assert.Equal("digits", job.Data.Name);
        Assert.Equal(2u, job.Workers.Count);
    }

    [Fact]
    public void Load_Flags_ReplaceTheFilesValues()
    {
        var job = new JobSource(null, ["steps=3", "dipnet.sigma=0.5"], "4", "9").Load().Job;

        Assert.Equal(3u, job.Steps);
        Assert.Equal(0.5f, job.Dipnet.Sigma);
        Assert.Equal(4u, job.Workers.Count);
        Assert.Equal(9ul, job.Seed);
    }

    [Theory]
    [InlineData(null, "steps=3", false)]
    [InlineData("3", "steps=3", true)]
    [InlineData(null, "workers.count=2", true)]
    public void Load_NumberOfWorkers_IsGivenOrADefault(string? flag, string set, bool given)
    {
        Assert.Equal(given, new JobSource(null, [set], flag, null).Load().WorkersGiven);
    }

    [Fact]
    public void Load_WrongFlags_NamesAllOfThem()
    {
        var exception = Assert.Throws<CommandException>(() => new JobSource(null, ["dipnet.sigmas=1"], "many", "-1").Load());

        Assert.Equal(ExitCode.Configuration, exception.Code);
        Assert.Contains("--set: dipnet.sigmas = 1", exception.Message, StringComparison.Ordinal);
        Assert.Contains("--workers: workers.count = many", exception.Message, StringComparison.Ordinal);
        Assert.Contains("--seed: seed = -1", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_RelativePath_BecomesAbsolute()
    {
        var job = new JobSource(null, ["data.path=some/where", "steps=1"], null, null).Load().Job;

        Assert.Equal(Path.GetFullPath("some/where"), job.Data.Path);
    }
}
