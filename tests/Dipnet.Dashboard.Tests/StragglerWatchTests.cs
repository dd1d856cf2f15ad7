using Dipnet.Coordinator.Dashboard;

namespace Dipnet.Dashboard.Tests;

public sealed class StragglerWatchTests
{
    private readonly StragglerWatch watch = new();
    private readonly SampleJob job = new("straggler", DateTimeOffset.UnixEpoch, workers: 3);

    [Fact]
    public void Rank_WhenAllWaitForOneAgainAndAgain_IsThatOne()
    {
        Observe(2, times: 10);

        Assert.Equal(2u, watch.Rank);
    }

    [Fact]
    public void Rank_AfterOneWait_IsNobody()
    {
        Observe(2, times: 1);

        Assert.Null(watch.Rank);
    }

    [Fact]
    public void Rank_WhenWorkersTakeTurns_IsNobody()
    {
        for (var i = 0; i < 30; i++)
        {
            Observe((uint)(i % 3), times: 1);
        }

        Assert.Null(watch.Rank);
    }

    [Fact]
    public void Rank_WhenTheStragglerCatchesUp_IsNobodyAgain()
    {
        Observe(2, times: 10);
        Observe(null, times: 10);

        Assert.Null(watch.Rank);
    }

    private void Observe(uint? slow, int times)
    {
        foreach (var worker in job.Snapshot.Workers)
        {
            worker.WaitingFor.Clear();
            if (slow is { } rank && worker.Rank != rank)
            {
                worker.WaitingFor.Add(rank);
            }
        }

        for (var i = 0; i < times; i++)
        {
            watch.Observe(job.Snapshot);
        }
    }
}
