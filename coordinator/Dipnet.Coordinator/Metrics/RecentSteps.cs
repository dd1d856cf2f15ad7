namespace Dipnet.Coordinator.Metrics;

/// <summary>Means over the newest steps, for the live view.</summary>
internal sealed class RecentSteps
{
    private const int Kept = 32;
    private readonly Queue<StepLine> _lines = new();

    public StepLine? Newest { get; private set; }
    public SigmaLine[] Sigma { get; private set; } = [];

    public double SamplesPerSecond => Mean(l => l.SamplesPerSecond);

    public void Add(StepLine line)
    {
        Newest = line;
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

    /// <summary>Mean NLL of the newest steps under <paramref name="step"/>; null: none is known.</summary>
    public double? NllBefore(ulong step) => _lines.Where(l => l.Step < step && double.IsFinite(l.Nll)).Select(l => (double?)l.Nll).Average();

    private double Mean(Func<StepLine, double> of) => _lines.Count == 0 ? 0 : _lines.Average(of);
}
