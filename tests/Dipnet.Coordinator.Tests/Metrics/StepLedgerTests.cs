using Dipnet.Coordinator.Metrics;
using Dipnet.Protos;

namespace Dipnet.Coordinator.Tests.Metrics;

public sealed class StepLedgerTests
{
    [Fact]
    public void Add_UntilEveryMicrobatchIsReported_GivesOneLineOfAll()
    {
        var ledger = new StepLedger(2, 0);

        Assert.Empty(ledger.Add("a", Reports(0, rank: 0, microbatch: 0, loss: 1, samples: 30, seconds: 2), DateTimeOffset.UnixEpoch));
        var line = Assert.Single(ledger.Add("b", Reports(0, rank: 1, microbatch: 1, loss: 3, samples: 10, seconds: 4), DateTimeOffset.UnixEpoch));

        Assert.Equal((0ul, 2.0, 2, false), (line.Step, line.Loss, line.Workers, line.Partial));
        Assert.Equal(40 / 4.0, line.SamplesPerSecond);
        Assert.Equal((200ul, 20ul), (line.WeightsBytes, line.ProjectionsBytes));
    }

    [Fact]
    public void Add_OfAReportThatIsSentAgain_ChangesNothing()
    {
        var ledger = new StepLedger(2, 0);
        var report = Reports(0, rank: 0, microbatch: 0, loss: 1, samples: 10, seconds: 1);

        Assert.Empty(ledger.Add("a", report, DateTimeOffset.UnixEpoch));
        Assert.Empty(ledger.Add("a", report, DateTimeOffset.UnixEpoch));
        Assert.Single(ledger.Add("b", Reports(0, rank: 1, microbatch: 1, loss: 3, samples: 10, seconds: 1), DateTimeOffset.UnixEpoch));
        Assert.Empty(ledger.Add("a", report, DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void Flush_WhenAReportWasLostWithItsWorker_GivesAPartialLineOfTheOthers()
    {
        var ledger = new StepLedger(2, 0);
        ledger.Add("a", Reports(0, rank: 0, microbatch: 0, loss: 1, samples: 10, seconds: 1), DateTimeOffset.UnixEpoch);

        Assert.Empty(ledger.Flush(0, 2, DateTimeOffset.UnixEpoch));
        var line = Assert.Single(ledger.Flush(1, 2, DateTimeOffset.UnixEpoch));

        Assert.Equal((0ul, 1.0, true), (line.Step, line.Loss, line.Partial));
        Assert.Equal(1ul, ledger.Next);
    }

    private static StepReports Reports(ulong step, uint rank, uint microbatch, double loss, ulong samples, double seconds) => new()
    {
        Generation = 1,
        Steps =
        {
            new StepReport
            {
                Step = step, Rank = rank, Seconds = new PhaseSeconds { Step = seconds }, WeightsBytes = 100, ProjectionsBytes = 10,
                Losses = { new MicrobatchLoss { Microbatch = microbatch, Loss = loss, Nll = loss, Samples = samples } },
            },
        },
    };
}
