using Dipnet.Coordinator.Dashboard;
using Dipnet.Coordinator.Dashboard.Charts;

namespace Dipnet.Dashboard.Tests;

public sealed class ChartDataTests
{
    private static readonly ChartSeries[] Two = [new("a", "red"), new("b", "blue")];

    [Fact]
    public void Append_BeyondTheLimit_ThinsAndKeepsTheNewest()
    {
        var data = new ChartData(Two, limit: 10);
        for (var step = 0; step < 1000; step++)
        {
            data.Append(step, step, -step);
            Assert.InRange(data.Rows.Count, 1, 10);
            Assert.Equal(step, data.Rows[^1][0]);
        }

        Assert.True(data.Epoch > 0);
        Assert.Equal(data.Rows.OrderBy(row => row[0]), data.Rows);
    }

    [Fact]
    public void Append_OfAStepThatIsThere_ChangesNothing()
    {
        var data = new ChartData(Two);
        data.Append(5, 1, 2);
        data.Append(5, 3, 4);
        data.Append(4, 3, 4);

        Assert.Equal([5.0, 1.0, 2.0], Assert.Single(data.Rows));
    }

    [Fact]
    public void Append_OfAValueThatIsNotFinite_LeavesAGap()
    {
        var data = new ChartData(Two);
        data.Append(0, double.NaN, double.PositiveInfinity);

        Assert.Equal([0.0, null, null], Assert.Single(data.Rows));
    }

    [Fact]
    public void Load_OfSeriesWithOtherSteps_MakesTheirUnion()
    {
        var data = new ChartData(Two);
        data.Load([[new(0, 1), new(4, 2)], [new(2, 3)]]);

        Assert.Equal([[0.0, 1.0, null], [2.0, null, 3.0], [4.0, 2.0, null]], data.Rows);
    }

    [Fact]
    public async Task Phases_OfAStep_AddUpToItsTime()
    {
        var job = new SampleJob("sums", DateTimeOffset.UnixEpoch);
        job.Advance(8);
        var catalog = new FakeJobCatalog();
        catalog.Add(job);
        var charts = new JobCharts();

        await charts.LoadAsync(catalog, job.Snapshot, CancellationToken.None);

        var s = job.Snapshot.Seconds;
        var wall = s.Compute + s.ExchangeExposed + s.Optimizer + s.Checkpoint + s.Data;
        Assert.Equal(8, charts.Phases.Rows.Count);
        Assert.Equal(wall * 1000, charts.Phases.Rows[^1].Skip(1).Sum()!.Value, 6);
    }
}
