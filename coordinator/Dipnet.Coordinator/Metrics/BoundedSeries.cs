using Dipnet.Coordinator.Catalog;

namespace Dipnet.Coordinator.Metrics;

/// <summary>
/// A series of any length in bounded memory: every point is the mean of the same number of neighbours, and when the places are used
/// up pairs are merged, so that the number doubles. Not thread-safe.
/// </summary>
internal sealed class BoundedSeries(int capacity)
{
    private readonly MetricPoint[] _points = new MetricPoint[capacity];
    private int _count;
    private int _stride = 1;
    private ulong _openStep;
    private double _openSum;
    private int _openCount;

    public void Add(ulong step, double value)
    {
        if (!double.IsFinite(value))
        {
            return;
        }

        if (_openCount == 0)
        {
            _openStep = step;
        }

        _openSum += value;
        if (++_openCount < _stride)
        {
            return;
        }

        if (_count == _points.Length)
        {
            Merge();
            if (_openCount < _stride)
            {
                return;
            }
        }

        _points[_count++] = new MetricPoint(_openStep, _openSum / _openCount);
        (_openSum, _openCount) = (0, 0);
    }

    /// <summary>At most <paramref name="limit"/> points; the newest value, though its point is not complete, is among them.</summary>
    public IReadOnlyList<MetricPoint> Read(int limit)
    {
        var total = _count + (_openCount > 0 ? 1 : 0);
        var stride = Math.Max(1, (total + limit - 1) / Math.Max(1, limit));
        var result = new List<MetricPoint>(total / stride + 1);
        for (var first = 0; first < total; first += stride)
        {
            var sum = 0.0;
            var last = Math.Min(first + stride, total);
            for (var i = first; i < last; i++)
            {
                sum += At(i).Value;
            }

            result.Add(new MetricPoint(At(first).Step, sum / (last - first)));
        }

        return result;
    }

    private MetricPoint At(int index) => index < _count ? _points[index] : new MetricPoint(_openStep, _openSum / _openCount);

    private void Merge()
    {
        for (var i = 0; i + 1 < _count; i += 2)
        {
            _points[i / 2] = new MetricPoint(_points[i].Step, (_points[i].Value + _points[i + 1].Value) / 2);
        }

        _count /= 2;
        _stride *= 2;
    }
}
