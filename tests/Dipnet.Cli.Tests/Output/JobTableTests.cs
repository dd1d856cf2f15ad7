using Dipnet.Cli.Output;
using Dipnet.Protos;

namespace Dipnet.Cli.Tests.Output;

public sealed class JobTableTests
{
    [Fact]
    public void WriteList_OfALongId_KeepsItWhole()
    {
        var screen = new TestScreen();
        var id = new string('j', 48) + "-20261126-000709-565d";

        JobTable.WriteList(screen.Screen, [new JobSnapshot { JobId = id, Status = "completed", CommittedSteps = 5, TotalSteps = 5 }, new JobSnapshot { JobId = "short", Status = "running" }]);

        Assert.Equal([id, "short"], screen.Lines.Skip(1).Where(line => line.Length > 0).Select(line => line.Split(' ')[0]));
    }
}
