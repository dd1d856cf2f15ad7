namespace Dipnet.Coordinator.Metrics;

/// <summary>Means over the newest steps, for the live view.</summary>
internal sealed class RecentSteps
{
    private const int Kept = 32;
    private readonly Queue<StepLine> _lines = new();

    public StepLine? Newest { get; private set; }
    public SigmaLine[] Sigma { get; private set; } = [];

    /// <summary>Bytes of the weights group received since this began to count; the next is of the projections.</summary>
    public ulong WeightsBytes { get; private set; }
    public ulong ProjectionsBytes { get; private set; }

    public double SamplesPerSecond => Mean(l => l.SamplesPerSecond);

    public void Add(StepLine line)
    {
        Newest = line;
        WeightsBytes += line.WeightsBytes;
        ProjectionsBytes += line.ProjectionsBytes;
        if (line.Sigma.Length > 0)
        {
            Sigma = line.Sigma;
        }

        _lines.Enqueue(line);
        if (_lines.Count > Kept)
        {
            _lines.Dequeue();
        }
    }

    public double Seconds(int phase) => Mean(l => l.Seconds[phase]);

    private double Mean(Func<StepLine, double> of) => _lines.Count == 0 ? 0 : _lines.Average(of);
}
