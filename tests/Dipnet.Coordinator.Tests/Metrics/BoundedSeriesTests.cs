using Dipnet.Coordinator.Metrics;

namespace Dipnet.Coordinator.Tests.Metrics;

public sealed class BoundedSeriesTests
{
    [Fact]
    public void Read_OfMoreThanFits_KeepsTheMeanAndTheEnds()
    {
        var series = new BoundedSeries(16);
        for (var step = 0ul; step < 1000; step++)
        {
            series.Add(step, step);
        }

        var points = series.Read(int.MaxValue);

        Assert.InRange(points.Count, 8, 17);
        Assert.Equal(0ul, points[0].Step);
        Assert.Equal(points.OrderBy(p => p.Step), points);
        // Every whole point is the mean of as many neighbours as the next one is away.
        var stride = points[1].Step;
        Assert.All(points.SkipLast(1), p => Assert.Equal(p.Step + ((stride - 1) / 2.0), p.Value));
    }

    [Fact]
    public void Read_WithALimit_HasAtMostThatManyPointsAndTheSameMean()
    {
        var series = new BoundedSeries(64);
        for (var step = 0ul; step < 60; step++)
        {
            series.Add(step, step);
        }

        var points = series.Read(10);

        Assert.Equal(10, points.Count);
        Assert.Equal(29.5, points.Average(p => p.Value), 9);
    }

    [Fact]
    public void Add_OfAValueThatIsNotFinite_AddsNothing()
    {
        var series = new BoundedSeries(4);
        series.Add(0, double.NaN);
        series.Add(1, 2);

        Assert.Equal(1ul, Assert.Single(series.Read(10)).Step);
    }
}
