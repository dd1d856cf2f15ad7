namespace Dipnet.Worker.Control;

/// <summary>How a worker keeps its stream to the coordinator.</summary>
internal sealed record ControlLinkOptions
{
    /// <summary>Address of the coordinator, http://host:port.</summary>
    public required Uri Coordinator { get; init; }

    /// <summary>Longest wait for the Welcome.</summary>
    public TimeSpan ConnectDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Pause before the first new try; doubles up to <see cref="LongestPause"/>.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Step reports leave at most this long after they were made.</summary>
    public TimeSpan BatchInterval { get; init; } = TimeSpan.FromMilliseconds(100);
}
