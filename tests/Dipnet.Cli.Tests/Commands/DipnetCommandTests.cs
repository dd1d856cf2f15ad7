using System.CommandLine;
using Dipnet.Cli.Commands;
using Dipnet.Cli.Hosting;

namespace Dipnet.Cli.Tests.Commands;

public sealed class DipnetCommandTests
{
    [Theory]
    [InlineData("train --nope")]
    [InlineData("train a.yaml b.yaml")]
    [InlineData("status")]
    [InlineData("scale job many")]
    [InlineData("submit job.yaml --coordinator nowhere")]
    [InlineData("train /no/such/job.yaml")]
    [InlineData("drill --faults kill")]
    [InlineData("checkpoint list /no/such/run")]
    [InlineData("resume /no/such/run")]
    [InlineData("serve --address here")]
    public async Task Run_WrongLine_IsAConfigurationError(string line)
    {
        Assert.Equal(ExitCode.Configuration, await DipnetCommand.RunAsync(line.Split(' ')));
    }

    [Fact]
    public void Help_OfEveryCommand_NamesTheProgramAsItIsCalled()
    {
        var root = DipnetCommand.Create();
        foreach (var command in root.Subcommands)
        {
            var output = new StringWriter();
            root.Parse([command.Name, "--help"]).Invoke(new InvocationConfiguration { Output = output });
            Assert.Contains($"dipnet {command.Name}", output.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("worker --coordinator http://a:1", "worker --coordinator http://a:1")]
    [InlineData("worker", "worker")]
    [InlineData("bench step --json", "bench step --json")]
    [InlineData("checkpoint verify runs/a", "checkpoint verify runs/a")]
    public void Arguments_OfAWorkersCommand_ArePassedOn(string line, string expected)
    {
        Assert.Equal(expected.Split(' '), WorkerCommands.Arguments(line.Split(' ')));
    }

    [Theory]
    [InlineData("train")]
    [InlineData("checkpoint list runs/a")]
    public void Arguments_OfAnOwnCommand_AreNone(string line)
    {
        Assert.Null(WorkerCommands.Arguments(line.Split(' ')));
    }
}
