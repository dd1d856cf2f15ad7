using CsCheck;
using Dipnet.Cli.Commands;
using Dipnet.Cli.Drills;
using Dipnet.Cli.Hosting;

namespace Dipnet.Cli.Tests.Drills;

public sealed class PlannedFaultTests
{
    [Theory]
    [InlineData("kill:1@20", "kill", 1, 20, null)]
    [InlineData("hang:0@35:reduce", "hang", 0, 35, "reduce")]
    [InlineData("kill:2@checkpoint", "kill", 2, null, "checkpoint")]
    [InlineData("leave:0@7", "leave", 0, 7, null)]
    [InlineData("flip:1@9", "flip", 1, 9, null)]
    [InlineData("scale:4@9", "scale", 4, 9, null)]
    [InlineData("join@50", "join", null, 50, null)]
    [InlineData("coordinator@60", "coordinator", null, 60, null)]
    public void TryParse_Fault_IsReadAndWrittenTheSame(string text, string kind, int? number, int? step, string? phase)
    {
        Assert.True(PlannedFault.TryParse(text, out var fault, out _));

        Assert.Equal(new PlannedFault(kind, number, (ulong?)step, phase), fault);
        Assert.Equal(text, fault.ToString());
    }

    [Theory]
    [InlineData("kill@20")]
    [InlineData("kill:1")]
    [InlineData("kill:1@")]
    [InlineData("kill:x@3")]
    [InlineData("kill:1@3:lunch")]
    [InlineData("kill:1@reduce:3")]
    [InlineData("join:1@3")]
    [InlineData("join@reduce")]
    [InlineData("coordinator@3:reduce")]
    [InlineData("scale@3")]
    [InlineData("scale:2@reduce")]
    [InlineData("burn:1@3")]
    public void TryParse_NoFault_SaysTheForms(string text)
    {
        Assert.False(PlannedFault.TryParse(text, out _, out var rule));
        Assert.Contains("kill:WORKER@STEP", rule, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_AnyText_NeverThrows()
    {
        Gen.String[Gen.Char["kilhang:@0123reduce,jo "], 0, 20].Sample(text => { PlannedFault.TryParse(text, out _, out _); });
    }

    [Fact]
    public void Read_FaultsThatCannotHappen_AreAllNamed()
    {
        var job = new JobSource(null, ["steps=10"], "2", null).Load().Job;

        var exception = Assert.Throws<CommandException>(() => FaultPlan.Read("kill:0@3,kill:2@4,join@10,scale:9@3", job));

        Assert.Equal(ExitCode.Configuration, exception.Code);
        Assert.DoesNotContain("kill:0@3", exception.Message, StringComparison.Ordinal);
        Assert.Contains("scale:9@3: the workers must be from 1 to", exception.Message, StringComparison.Ordinal);
        Assert.Contains("join@10: the step must be under", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FaultOfAWorkerThatJoins_IsAllowed()
    {
        var job = new JobSource(null, ["steps=10"], "2", null).Load().Job;

        Assert.Equal(2, FaultPlan.Read("join@2, kill:2@7", job).Count);
    }
}
